// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/**
 * Pooling over windows in one, two or three dimensions: the input is (N, C, ...).
 *
 * <p>Every handle that is passed in is freed; 0 stands for a failure. Lists hold one number for
 * each dimension of the windows.
 */
public final class Pooling {

    private Pooling() {}

    /**
     * Takes the greatest element of each window.
     *
     * @param input the input, (N, C, ...)
     * @param kernelSize the size of a window
     * @param stride the distance of windows
     * @param padding how far windows reach over the border, on both sides
     * @param ceilMode whether a last window may be incomplete
     * @return the output, (N, C, ...)
     */
    public static long max(
            long input, long[] kernelSize, long[] stride, long[] padding, boolean ceilMode) {
        return Call.forHandle(
                call ->
                        JniUtils.maxPool(
                                (PtNDArray) call.take(input),
                                new Shape(kernelSize),
                                new Shape(stride),
                                new Shape(padding),
                                ceilMode));
    }

    /**
     * Takes the mean of each window.
     *
     * @param input the input, (N, C, ...)
     * @param kernelSize the size of a window
     * @param stride the distance of windows
     * @param padding zeros on both sides
     * @param ceilMode whether a last window may be incomplete
     * @param countIncludePad whether the zeros count among the elements of a window
     * @return the output, (N, C, ...)
     */
    public static long average(
            long input,
            long[] kernelSize,
            long[] stride,
            long[] padding,
            boolean ceilMode,
            boolean countIncludePad) {
        return Call.forHandle(
                call -> {
                    PtNDArray x = (PtNDArray) call.take(input);
                    Shape kernel = new Shape(kernelSize);
                    Shape steps = new Shape(stride);
                    Shape zeros = new Shape(padding);
                    NDArray means = JniUtils.avgPool(x, kernel, steps, zeros, ceilMode, true);
                    if (countIncludePad) {
                        return means;
                    }
                    // The native function ignores its last argument: it always counts the zeros.
                    // So the mean of ones is the share of elements, and dividing leaves their mean.
                    Shape plane = new Shape(1, 1).addAll(x.getShape().slice(2));
                    NDArray ones =
                            x.getManager().ones(plane, x.getDataType(), x.getDevice());
                    return means.div(
                            JniUtils.avgPool(
                                    (PtNDArray) ones, kernel, steps, zeros, ceilMode, true));
                });
    }

    /**
     * Takes the p-norm of each window, in one or two dimensions.
     *
     * @param input the input, (N, C, ...)
     * @param normType the exponent p
     * @param kernelSize the size of a window
     * @param stride the distance of windows
     * @param ceilMode whether a last window may be incomplete
     * @return the output, (N, C, ...)
     */
    public static long norm(
            long input, double normType, long[] kernelSize, long[] stride, boolean ceilMode) {
        return Call.forHandle(
                call ->
                        JniUtils.lpPool(
                                (PtNDArray) call.take(input),
                                normType,
                                new Shape(kernelSize),
                                new Shape(stride),
                                ceilMode));
    }

    /**
     * Takes the greatest element of each of a given number of windows.
     *
     * @param input the input, (N, C, ...)
     * @param outputSize how many windows
     * @return the output, (N, C, ...) with the output size
     */
    public static long adaptiveMax(long input, long[] outputSize) {
        return Call.forHandle(
                call ->
                        JniUtils.adaptiveMaxPool(
                                (PtNDArray) call.take(input), new Shape(outputSize)));
    }

    /**
     * Takes the mean of each of a given number of windows.
     *
     * @param input the input, (N, C, ...)
     * @param outputSize how many windows
     * @return the output, (N, C, ...) with the output size
     */
    public static long adaptiveAverage(long input, long[] outputSize) {
        return Call.forHandle(
                call ->
                        JniUtils.adaptiveAvgPool(
                                (PtNDArray) call.take(input), new Shape(outputSize)));
    }
}
