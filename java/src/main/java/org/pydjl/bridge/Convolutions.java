// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import org.pydjl.nn.convolutional.ConvolutionalLayer;
import org.pydjl.nn.convolutional.CrossCorrelation;

/** Convolutions, and the chapter's operator and layer. */
public final class Convolutions {

    private Convolutions() {}

    /**
     * Cross-correlates a plane with a kernel.
     *
     * @param x the input, (H, W); freed
     * @param k the kernel, (h, w); freed
     * @return the output, (H - h + 1, W - w + 1); 0 for a failure
     */
    public static long corr2d(long x, long k) {
        return Call.forHandle(call -> CrossCorrelation.corr2d(call.take(x), call.take(k)));
    }

    /**
     * Convolves a batch as DJL's Conv1d, Conv2d and Conv3d do: a cross-correlation in one, two or
     * three dimensions.
     *
     * @param input the input, (N, C_in, ...); lent
     * @param weight the kernels, (C_out, C_in / groups, ...); lent
     * @param bias the bias of each output channel, (C_out), lent; 0 for none
     * @param window how the kernels move
     * @return the output, (N, C_out, ...); 0 for a failure
     */
    public static long convolution(long input, long weight, long bias, Window window) {
        if (bias == 0) {
            return Loan.forHandle(input, weight, (x, w) -> window.convolve(x, w, null));
        }
        return Loan.forHandle(input, weight, bias, window::convolve);
    }

    /**
     * Applies the chapter's layer with given parameters, which become the layer's own: from now on
     * they require gradients.
     *
     * @param x the input, (H, W); freed
     * @param weight the kernel, (h, w); freed
     * @param bias the bias, (1); freed
     * @return the output, (H - h + 1, W - w + 1); 0 for a failure
     */
    public static long layer(long x, long weight, long bias) {
        return Call.forHandle(
                call -> {
                    NDList taken = call.take(new long[] {x, weight, bias});
                    NDArray input = taken.get(0);
                    NDArray kernel = taken.get(1);
                    ConvolutionalLayer layer = new ConvolutionalLayer(kernel.getShape());
                    layer.setInitializer((m, s, t) -> kernel, Parameter.Type.WEIGHT);
                    layer.setInitializer((m, s, t) -> taken.get(2), Parameter.Type.BIAS);
                    NDManager manager = kernel.getManager();
                    layer.initialize(manager, kernel.getDataType(), input.getShape());
                    ParameterStore store = new ParameterStore(manager, false);
                    return layer.forward(store, new NDList(input), false).singletonOrThrow();
                });
    }
}
