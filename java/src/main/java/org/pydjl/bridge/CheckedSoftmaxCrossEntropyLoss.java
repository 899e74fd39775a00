// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;

/**
 * DJL's cross-entropy for labels that are numbers of classes, once it is sure that each prediction
 * has one, and that it is a whole number.
 *
 * <p>DJL leaves out predictions without a label, and where there are more than two dimensions it
 * does not find out by itself which of them the labels are without. Labels may be of a floating
 * type, as DJL's data sets have them; DJL cuts off their fractions.
 */
public final class CheckedSoftmaxCrossEntropyLoss extends SoftmaxCrossEntropyLoss {

    private final int classAxis;

    /**
     * Creates a loss.
     *
     * @param name its name
     * @param weight the factor of the loss
     * @param classAxis the axis of the classes in the predictions
     * @param fromLogit whether predictions are logits; else they are logarithms of probabilities
     */
    public CheckedSoftmaxCrossEntropyLoss(
            String name, float weight, int classAxis, boolean fromLogit) {
        super(name, weight, classAxis, true, fromLogit);
        this.classAxis = classAxis;
    }

    /** {@inheritDoc} */
    @Override
    public NDArray evaluate(NDList labels, NDList predictions) {
        NDArray label = labels.singletonOrThrow();
        Shape predicted = predictions.singletonOrThrow().getShape();
        int dimensions = predicted.dimension();
        if (classAxis < -dimensions || classAxis >= dimensions) {
            throw new IllegalArgumentException(
                    String.format(
                            "class_axis is %d, but the predictions have the shape %s",
                            classAxis, predicted));
        }
        int axis = Math.floorMod(classAxis, dimensions);
        Shape expected = predicted.slice(0, axis).addAll(predicted.slice(axis + 1));
        if (!label.getShape().equals(expected)) {
            throw new IllegalArgumentException(
                    String.format(
                            "the labels have the shape %s, but predictions of shape %s with the"
                                    + " classes on axis %d need %s",
                            label.getShape(), predicted, axis, expected));
        }
        if (label.getDataType().isFloating() && !isWhole(label)) {
            throw new IllegalArgumentException(
                    "the labels are numbers of classes, but some of them are not whole: round"
                            + " them, or use sparse_label=False for probabilities");
        }
        return super.evaluate(new NDList(label.expandDims(axis)), predictions);
    }

    private static boolean isWhole(NDArray label) {
        NDArray whole = label.toType(DataType.INT64, true).toType(label.getDataType(), true);
        return label.eq(whole).all().getBoolean();
    }
}
