// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/**
 * How the kernels of a convolution move over its input. Python keeps one for all calls that have
 * the same numbers, because lists of numbers take longer to pass than a small convolution takes.
 */
public final class Window {

    private final Shape stride;
    private final Shape padding;
    private final Shape dilation;
    private final int groups;

    /**
     * Creates a window.
     *
     * @param stride the step of the kernel, for each dimension
     * @param padding the zeros added on both sides, for each dimension
     * @param dilation the distance of the kernel's cells, for each dimension
     * @param groups into how many groups the channels are divided
     */
    public Window(long[] stride, long[] padding, long[] dilation, int groups) {
        this.stride = new Shape(stride);
        this.padding = new Shape(padding);
        this.dilation = new Shape(dilation);
        this.groups = groups;
    }

    /** Convolves a batch (N, C_in, ...) with kernels (C_out, C_in / groups, ...). */
    NDArray convolve(NDArray x, NDArray weight, NDArray bias) {
        return x.getNDArrayInternal()
                .convolution(x, weight, bias, stride, padding, dilation, groups)
                .singletonOrThrow();
    }
}
