// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The transposed convolution, which DJL's PyTorch engine does not have: {@code deconvolution}
 * throws. It is composed of what the engine has.
 *
 * <p>Zeros are put between the elements of the input, stride - 1 of them, and around it; then the
 * flipped kernel, inputs and outputs exchanged, is cross-correlated with that.
 */
public final class TransposedConvolution {

    private TransposedConvolution() {}

    /**
     * Applies the transposed convolution to a batch.
     *
     * @param input the input, (N, C_in, ...); freed
     * @param weight the kernels, (C_in, C_out / groups, ...); freed
     * @param bias the bias of each output channel, (C_out), freed; 0 for none
     * @param stride the distance of neighbouring inputs in the output, for each dimension
     * @param padding what is cut off the full output on both sides, for each dimension
     * @param outputPadding what is added at the end, for each dimension
     * @param dilation the distance of the kernel's cells, for each dimension
     * @param groups into how many groups the channels are divided
     * @return the output, (N, C_out, ...); 0 for a failure
     */
    public static long apply(
            long input,
            long weight,
            long bias,
            long[] stride,
            long[] padding,
            long[] outputPadding,
            long[] dilation,
            int groups) {
        return Call.forHandle(
                call -> {
                    NDArray x = call.take(input);
                    NDArray w = call.take(weight);
                    NDArray b = bias == 0 ? null : call.take(bias);
                    int dimensions = stride.length;
                    NDArray spread = spread(x, stride);
                    long[] zeros = new long[dimensions];
                    long[] border = new long[2 * dimensions];
                    for (int i = 0; i < dimensions; i++) {
                        long before = dilation[i] * (w.getShape().get(i + 2) - 1) - padding[i];
                        // Spreading has left stride - 1 zeros behind the last element already.
                        long after = before + outputPadding[i] - (stride[i] - 1);
                        zeros[i] = Math.max(0, Math.min(before, after));
                        // The last dimension stands first; a negative border cuts off.
                        border[2 * (dimensions - 1 - i)] = before - zeros[i];
                        border[2 * (dimensions - 1 - i) + 1] = after - zeros[i];
                    }
                    return x.getNDArrayInternal()
                            .convolution(
                                    withBorder(spread, border),
                                    exchanged(w, groups),
                                    b,
                                    ones(dimensions),
                                    new Shape(zeros),
                                    new Shape(dilation),
                                    groups)
                            .singletonOrThrow();
                });
    }

    /** Puts stride - 1 zeros behind every element. */
    private static NDArray spread(NDArray x, long[] stride) {
        if (Arrays.stream(stride).allMatch(step -> step == 1)) {
            return x;
        }
        int dimensions = stride.length;
        Shape shape = x.getShape();
        Shape split = shape.slice(0, 2);
        Shape merged = split;
        long[] border = new long[4 * dimensions];
        for (int i = 0; i < dimensions; i++) {
            long size = shape.get(i + 2);
            split = split.add(size, 1);
            merged = merged.add(size * stride[i]);
            border[4 * (dimensions - 1 - i) + 1] = stride[i] - 1;
        }
        return withBorder(x.reshape(split), border).reshape(merged);
    }

    private static NDArray withBorder(NDArray x, long[] border) {
        if (Arrays.stream(border).allMatch(amount -> amount == 0)) {
            return x;
        }
        // NDArray.pad takes a Shape, which refuses the negative numbers that cut off.
        return JniUtils.pad((PtNDArray) x, border, 0);
    }

    /** Exchanges the kernels' inputs and outputs within each group, and flips the kernels. */
    private static NDArray exchanged(NDArray w, int groups) {
        Shape shape = w.getShape();
        Shape kernel = shape.slice(2);
        long inputs = shape.get(0) / groups;
        long outputs = shape.get(1);
        int[] axes = IntStream.range(2, shape.dimension()).toArray();
        return w.reshape(new Shape(groups, inputs, outputs).addAll(kernel))
                .swapAxes(1, 2)
                .reshape(new Shape(groups * outputs, inputs).addAll(kernel))
                .flip(axes);
    }

    private static Shape ones(int dimensions) {
        long[] ones = new long[dimensions];
        Arrays.fill(ones, 1);
        return new Shape(ones);
    }
}
