// SPDX-License-Identifier: Apache-2.0
package org.pydjl.nn.convolutional;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

import java.util.EnumSet;
import java.util.Set;

/**
 * The two-dimensional cross-correlation operator, written as the loop over output cells that its
 * definition is.
 *
 * <p>Source: Dive into Deep Learning, DJL edition, 6.2.1, equation (6.2.1).
 */
public final class CrossCorrelation {

    private static final Set<DataType> SUPPORTED =
            EnumSet.of(
                    DataType.FLOAT16,
                    DataType.FLOAT32,
                    DataType.FLOAT64,
                    DataType.UINT8,
                    DataType.INT8,
                    DataType.INT32,
                    DataType.INT64);

    private static final Set<DataType> BYTES = EnumSet.of(DataType.UINT8, DataType.INT8);

    private CrossCorrelation() {}

    /**
     * Computes the 2-D cross-correlation of an input with a kernel: valid positions only, stride 1,
     * the kernel not flipped.
     *
     * <p>For each output cell, {@code y[i, j] = sum of x[i + p, j + q] * k[p, q] over p and q}. The
     * gradients with respect to both arguments are right: the cells are stacked, not written in
     * place.
     *
     * <pre>{@code
     * NDArray x = manager.arange(9f).reshape(3, 3);
     * NDArray k = manager.arange(4f).reshape(2, 2);
     * CrossCorrelation.corr2d(x, k); // [[19., 25.], [37., 43.]]
     * }</pre>
     *
     * @param x the input of shape (H, W), of any real floating or integer type; not modified
     * @param k the kernel of shape (h, w) with {@code h <= H} and {@code w <= W}, on the input's
     *     device; not modified
     * @return the output of shape (H - h + 1, W - w + 1), attached to the manager of {@code x}: the
     *     caller closes it. Its type is the one that {@code x * k} has; integers wrap around as in
     *     that product
     * @throws IllegalArgumentException if an argument is null, not two-dimensional, empty or not of
     *     a real numeric type, if the kernel does not fit into the input, if the two are on
     *     different devices, or if one is uint8 and the other int8
     */
    public static NDArray corr2d(NDArray x, NDArray k) {
        check("x", x);
        check("k", k);
        if (!x.getDevice().equals(k.getDevice())) {
            throw new IllegalArgumentException(
                    String.format(
                            "x is on %s and k on %s; move one with toDevice.",
                            x.getDevice(), k.getDevice()));
        }
        if (EnumSet.of(x.getDataType(), k.getDataType()).equals(BYTES)) {
            // Converting to a type that DJL does not know ends the process.
            throw new IllegalArgumentException(
                    String.format(
                            "x has the data type %s and k %s, whose product is int16, which DJL"
                                    + " does not have; convert one with toType.",
                            x.getDataType(), k.getDataType()));
        }
        Shape output = outputShape(x.getShape(), k.getShape());
        try (NDManager work = x.getManager().newSubManager()) {
            NDList rows = new NDList((int) output.get(0));
            for (long i = 0; i < output.get(0); i++) {
                rows.add(row(x, k, i, output.get(1), work));
            }
            NDArray y = NDArrays.stack(rows);
            y.attach(x.getManager());
            return y;
        }
    }

    /**
     * Returns the shape of a cross-correlation's output.
     *
     * @param x the input's shape (H, W)
     * @param k the kernel's shape (h, w)
     * @return the shape (H - h + 1, W - w + 1)
     * @throws IllegalArgumentException if a shape is not two-dimensional or has an empty dimension,
     *     or if the kernel does not fit into the input
     */
    public static Shape outputShape(Shape x, Shape k) {
        requirePlane("x", x);
        requirePlane("k", k);
        if (k.get(0) > x.get(0) || k.get(1) > x.get(1)) {
            throw new IllegalArgumentException(
                    String.format(
                            "The kernel %s does not fit into the input %s; it may be at most as"
                                    + " high and as wide.",
                            k, x));
        }
        return new Shape(x.get(0) - k.get(0) + 1, x.get(1) - k.get(1) + 1);
    }

    /** One row of the output, in {@code manager}; what it took to compute it is freed. */
    private static NDArray row(NDArray x, NDArray k, long i, long width, NDManager manager) {
        try (NDManager work = manager.newSubManager()) {
            NDList cells = new NDList((int) width);
            for (long j = 0; j < width; j++) {
                cells.add(cell(x, k, i, j, work));
            }
            NDArray row = NDArrays.stack(cells);
            row.attach(manager);
            return row;
        }
    }

    private static NDArray cell(NDArray x, NDArray k, long i, long j, NDManager manager) {
        NDIndex window =
                new NDIndex()
                        .addSliceDim(i, i + k.getShape().get(0))
                        .addSliceDim(j, j + k.getShape().get(1));
        NDArray product = x.get(manager, window).mul(k);
        // The engine adds up integers as int64.
        return product.sum().toType(product.getDataType(), false);
    }

    private static void check(String name, NDArray array) {
        if (array == null) {
            throw new IllegalArgumentException(
                    name + " is null, but corr2d needs an NDArray of two dimensions.");
        }
        if (!SUPPORTED.contains(array.getDataType())) {
            throw new IllegalArgumentException(
                    String.format(
                            "%s has the data type %s, but corr2d takes one of %s; convert it with"
                                    + " toType.",
                            name, array.getDataType(), SUPPORTED));
        }
    }

    static void requirePlane(String name, Shape shape) {
        if (shape == null || shape.dimension() != 2 || shape.get(0) < 1 || shape.get(1) < 1) {
            throw new IllegalArgumentException(
                    String.format(
                            "%s has the shape %s, but a cross-correlation needs two dimensions"
                                    + " (height, width) of at least 1 each.",
                            name, shape));
        }
    }
}
