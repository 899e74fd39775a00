// SPDX-License-Identifier: Apache-2.0
package org.pydjl.lab;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Cross-correlation and true convolution of lines (L) and planes (H, W), in SciPy's modes.
 *
 * <pre>{@code
 * NDArray x = manager.arange(9f).reshape(3, 3);
 * NDArray k = manager.arange(4f).reshape(2, 2);
 * Correlation.correlate(x, k, Mode.VALID, Geometry.plain(2)); // [[19., 25.], [37., 43.]]
 * Correlation.convolve(x, k, Mode.VALID, Geometry.plain(2));  // [[ 5., 11.], [23., 29.]]
 * }</pre>
 */
public final class Correlation {

    private Correlation() {}

    /**
     * Cross-correlates a line or a plane with a kernel, which is not flipped.
     *
     * <p>The mode counts from the padded input, and with stride s every s-th element of its output
     * is computed. Mode SAME adds the odd zero of an even kernel where SciPy does: on a line before
     * the input, as {@code scipy.signal.correlate} and NumPy do, on a plane after it, as {@code
     * scipy.signal.correlate2d} and PyTorch do.
     *
     * @param x the input, (L) or (H, W), of real numbers; not modified
     * @param k the kernel, of as many dimensions, of the input's type; not modified
     * @param mode which positions are computed
     * @param geometry stride, padding and dilation, with one group
     * @return the output, of as many dimensions
     * @throws IllegalArgumentException if types, devices or numbers of dimensions differ, one is
     *     empty, or mode VALID finds no room for the kernel
     */
    public static NDArray correlate(NDArray x, NDArray k, Mode mode, Geometry geometry) {
        return slide(x, k, mode, geometry, false);
    }

    /**
     * Convolves a line or a plane with a kernel: cross-correlates it with the kernel turned by 180
     * degrees.
     *
     * <p>In mode FULL the two may be exchanged. Mode SAME takes the middle of the full output, from
     * its element (k - 1) / 2 on.
     *
     * @param x the input, (L) or (H, W), of real numbers; not modified
     * @param k the kernel, of as many dimensions, of the input's type; not modified
     * @param mode which positions are computed
     * @param geometry stride, padding and dilation, with one group
     * @return the output, of as many dimensions
     * @throws IllegalArgumentException as {@link #correlate}
     */
    public static NDArray convolve(NDArray x, NDArray k, Mode mode, Geometry geometry) {
        return slide(x, k, mode, geometry, true);
    }

    private static NDArray slide(
            NDArray x, NDArray k, Mode mode, Geometry geometry, boolean turned) {
        int dimensions = geometry.dimensions();
        Operands.checkSignals(x, k, dimensions);
        if (geometry.groups() != 1) {
            throw new IllegalArgumentException(
                    "groups is " + geometry.groups() + ", but lines and planes have one channel.");
        }
        long[] zeros = new long[dimensions];
        long[] border = new long[2 * dimensions];
        for (int i = 0; i < dimensions; i++) {
            long extent = geometry.extent(i, k.getShape().get(i));
            long both = mode.zeros(extent);
            boolean oddZeroFirst = turned || dimensions == 1;
            long before = oddZeroFirst ? mode.zerosBefore(extent) : both - mode.zerosBefore(extent);
            zeros[i] = geometry.padding(i) + Math.min(before, both - before);
            // The last dimension stands first.
            border[2 * (dimensions - 1 - i)] = Math.max(0, 2 * before - both);
            border[2 * (dimensions - 1 - i) + 1] = Math.max(0, both - 2 * before);
        }
        try (NDManager work = x.getManager().newSubManager(x.getDevice())) {
            Shape single = new Shape(1, 1);
            NDArray batch = Operands.view(work, x, single.addAll(x.getShape()));
            NDArray weight = Operands.view(work, k, single.addAll(k.getShape()));
            if (turned) {
                weight = weight.flip(IntStream.range(2, dimensions + 2).toArray());
            }
            if (Arrays.stream(border).anyMatch(amount -> amount > 0)) {
                batch = batch.pad(new Shape(border), 0);
            }
            Geometry padded = geometry.withPadding(zeros);
            Shape output = padded.outputShape(batch.getShape().slice(2), k.getShape());
            // The engine does not dilate kernels of integers.
            boolean byMatrix = x.getDataType().isInteger() && geometry.isDilated();
            NDArray y =
                    byMatrix
                            ? Im2col.convolution(batch, weight, null, padded)
                            : Operands.layer(batch, weight, null, padded);
            NDArray result = y.reshape(output);
            result.attach(x.getManager());
            return result;
        }
    }
}
