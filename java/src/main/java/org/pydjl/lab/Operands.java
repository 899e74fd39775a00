// SPDX-License-Identifier: Apache-2.0
package org.pydjl.lab;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/** What the operators of this package ask of an input and a kernel. */
final class Operands {

    private Operands() {}

    /** Refuses a pair that is missing, not of real numbers, or of two types or devices. */
    static void check(NDArray x, NDArray k) {
        if (x == null || k == null) {
            throw new IllegalArgumentException(
                    (x == null ? "x" : "k") + " is null, but an NDArray is needed.");
        }
        DataType type = x.getDataType();
        if (k.getDataType() != type || !(type.isFloating() || type.isInteger())) {
            throw new IllegalArgumentException(
                    String.format(
                            "x has the data type %s and k %s, but one type of real numbers is"
                                    + " needed; convert them with toType.",
                            type, k.getDataType()));
        }
        if (!x.getDevice().equals(k.getDevice())) {
            throw new IllegalArgumentException(
                    String.format(
                            "x is on %s and k on %s; move one with toDevice.",
                            x.getDevice(), k.getDevice()));
        }
    }

    /** Refuses lines and planes of other numbers of dimensions, or without elements. */
    static void checkSignals(NDArray x, NDArray k, int dimensions) {
        check(x, k);
        boolean fit = dimensions == 1 || dimensions == 2;
        for (Shape shape : new Shape[] {x.getShape(), k.getShape()}) {
            fit &= shape.dimension() == dimensions && shape.size() > 0;
        }
        if (!fit) {
            throw new IllegalArgumentException(
                    String.format(
                            "x has the shape %s and k %s, but both need the same 1 or 2 dimensions,"
                                    + " of at least 1 each.",
                            x.getShape(), k.getShape()));
        }
    }

    /** Refuses (..., C_in, sizes) that kernels (C_out, C_in / groups, sizes) do not fit. */
    static void checkChannels(Shape input, Shape weight, Geometry geometry) {
        int dimensions = geometry.dimensions();
        boolean fit =
                input.dimension() > dimensions
                        && weight.dimension() == dimensions + 2
                        && weight.get(0) % geometry.groups() == 0
                        && input.get(input.dimension() - dimensions - 1)
                                == weight.get(1) * geometry.groups();
        if (!fit) {
            throw new IllegalArgumentException(
                    String.format(
                            "The input %s does not fit the kernels %s with groups=%d and %d"
                                    + " dimension(s): (C_in, ...) and (C_out, C_in / groups, ...)"
                                    + " are needed.",
                            input, weight, geometry.groups(), dimensions));
        }
    }

    /** The array in another shape, in a manager of its own: closing that leaves the array. */
    static NDArray view(NDManager manager, NDArray array, Shape shape) {
        NDArray view = array.reshape(shape);
        view.attach(manager);
        return view;
    }

    /** DJL's convolution, which is a cross-correlation. */
    static NDArray layer(NDArray batch, NDArray weight, NDArray bias, Geometry geometry) {
        return batch.getNDArrayInternal()
                .convolution(
                        batch,
                        weight,
                        bias,
                        geometry.strideShape(),
                        geometry.paddingShape(),
                        geometry.dilationShape(),
                        geometry.groups())
                .singletonOrThrow();
    }
}
