// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.Loss;

import java.util.Arrays;

/**
 * A loss of DJL's that compares each element of the predictions with the one that stands at its
 * place in the labels, once it is sure that there is one.
 *
 * <p>DJL gives the labels the shape of the predictions, and so takes the elements of a transposed
 * array in the wrong order. Axes of length 1, which change no order, may differ here as well.
 */
public final class ElementwiseLoss extends Loss {

    private final Loss loss;

    /**
     * Creates a loss.
     *
     * @param loss the loss of DJL's
     */
    public ElementwiseLoss(Loss loss) {
        super(loss.getName());
        this.loss = loss;
    }

    /** {@inheritDoc} */
    @Override
    public NDArray evaluate(NDList labels, NDList predictions) {
        Shape given = labels.singletonOrThrow().getShape();
        Shape predicted = predictions.singletonOrThrow().getShape();
        if (!Arrays.equals(lengths(given), lengths(predicted))) {
            throw new IllegalArgumentException(
                    String.format(
                            "the labels have the shape %s and the predictions %s, but they may"
                                    + " differ in axes of length 1 only: reshape one of them",
                            given, predicted));
        }
        return loss.evaluate(labels, predictions);
    }

    private static long[] lengths(Shape shape) {
        return Arrays.stream(shape.getShape()).filter(length -> length != 1).toArray();
    }
}
