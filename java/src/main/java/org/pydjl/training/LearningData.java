// SPDX-License-Identifier: Apache-2.0
package org.pydjl.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.pydjl.nn.convolutional.CrossCorrelation;

/** The input and the output that a kernel is learned from: whether they fit, and as a batch. */
final class LearningData {

    private LearningData() {}

    /** Checks an input and an output that a kernel of the given shape is to be learned from. */
    static void check(NDArray x, NDArray y, Shape kernelShape) {
        if (x == null || y == null) {
            String missing = x == null ? "x" : "y";
            throw new IllegalArgumentException(
                    missing + " is null, but learning needs an input x and an output y.");
        }
        DataType type = x.getDataType();
        require(
                (type == DataType.FLOAT32 || type == DataType.FLOAT64) && y.getDataType() == type,
                "x has the data type %s and y %s, but both must be float32 or both float64; convert"
                        + " them with toType.",
                type,
                y.getDataType());
        require(
                x.getDevice().equals(y.getDevice()),
                "x is on %s and y on %s; move one with toDevice.",
                x.getDevice(),
                y.getDevice());
        Shape plane = plane(x.getShape());
        require(
                plane.dimension() == 2,
                "x has the shape %s, but learning takes (height, width) or (1, 1, height, width).",
                x.getShape());
        Shape output = CrossCorrelation.outputShape(plane, kernelShape);
        Shape expected = x.getShape().equals(plane) ? output : new Shape(1, 1).addAll(output);
        require(
                y.getShape().equals(expected),
                "y has the shape %s, but the input %s and the kernel %s give %s.",
                y.getShape(),
                x.getShape(),
                kernelShape,
                expected);
    }

    /** The array as a batch of one example with one channel, outside the caller's graph. */
    static NDArray example(NDManager manager, NDArray array) {
        Shape plane = plane(array.getShape());
        // A view that is made while nothing is recorded belongs to no graph.
        NDArray example = array.reshape(1, 1, plane.get(0), plane.get(1));
        example.attach(manager);
        return example;
    }

    static void require(boolean met, String otherwise, Object... values) {
        if (!met) {
            throw new IllegalArgumentException(String.format(otherwise, values));
        }
    }

    /** The last two dimensions of (1, 1, H, W); any other shape as it is. */
    private static Shape plane(Shape shape) {
        boolean oneChannel = shape.dimension() == 4 && shape.get(0) == 1 && shape.get(1) == 1;
        return oneChannel ? shape.slice(2) : shape;
    }
}
