// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import org.pydjl.lab.Correlation;
import org.pydjl.lab.FourierConvolution;
import org.pydjl.lab.Geometry;
import org.pydjl.lab.Im2col;
import org.pydjl.lab.Jacobians;
import org.pydjl.lab.Mode;
import org.pydjl.lab.SparseMatrix;
import org.pydjl.lab.Toeplitz;

/**
 * The operators of the laboratory. Every handle that is passed in is freed; stride, padding and
 * dilation have one number for each dimension of the kernel; results are handles, and 0 or null
 * stands for a failure.
 */
public final class Laboratory {

    private Laboratory() {}

    /**
     * Cross-correlates a line or a plane with a kernel.
     *
     * @param x the input, (L) or (H, W)
     * @param k the kernel, of as many dimensions
     * @param mode VALID, SAME or FULL
     * @param stride the step of the kernel
     * @param padding the zeros on both sides of the input
     * @param dilation the distance of the kernel's cells
     * @return the output, of as many dimensions
     */
    public static long correlate(
            long x, long k, String mode, long[] stride, long[] padding, long[] dilation) {
        return Call.forHandle(
                call ->
                        Correlation.correlate(
                                call.take(x),
                                call.take(k),
                                Mode.valueOf(mode),
                                new Geometry(stride, padding, dilation, 1)));
    }

    /**
     * Convolves a line or a plane with a kernel, which is turned by 180 degrees.
     *
     * @param x the input, (L) or (H, W)
     * @param k the kernel, of as many dimensions
     * @param mode VALID, SAME or FULL
     * @param stride the step of the kernel
     * @param padding the zeros on both sides of the input
     * @param dilation the distance of the kernel's cells
     * @return the output, of as many dimensions
     */
    public static long convolve(
            long x, long k, String mode, long[] stride, long[] padding, long[] dilation) {
        return Call.forHandle(
                call ->
                        Correlation.convolve(
                                call.take(x),
                                call.take(k),
                                Mode.valueOf(mode),
                                new Geometry(stride, padding, dilation, 1)));
    }

    /**
     * Convolves a line or a plane with a kernel by Fourier transforms.
     *
     * @param x the input, (L) or (H, W)
     * @param k the kernel, of as many dimensions
     * @param mode VALID, SAME or FULL
     * @return the output, of as many dimensions
     */
    public static long fourier(long x, long k, String mode) {
        return Call.forHandle(
                call ->
                        FourierConvolution.convolve(
                                call.take(x), call.take(k), Mode.valueOf(mode)));
    }

    /**
     * Writes the windows of a batch into the columns of a matrix.
     *
     * @param batch the input, (N, C, ...)
     * @param kernel the sizes of the kernel
     * @param stride the step of the kernel
     * @param padding the zeros on both sides of the input
     * @param dilation the distance of the kernel's cells
     * @return (N, C * cells, windows)
     */
    public static long columns(
            long batch, long[] kernel, long[] stride, long[] padding, long[] dilation) {
        return Call.forHandle(
                call ->
                        Im2col.columns(
                                call.take(batch),
                                new Shape(kernel),
                                new Geometry(stride, padding, dilation, 1)));
    }

    /**
     * Computes a convolutional layer as a matrix product.
     *
     * @param batch the input, (N, C_in, ...)
     * @param weight the kernels, (C_out, C_in / groups, ...)
     * @param bias the bias of each output channel, (C_out); 0 for none
     * @param stride the step of the kernel
     * @param padding the zeros on both sides of the input
     * @param dilation the distance of the kernel's cells
     * @param groups into how many groups the channels are divided
     * @return the output, (N, C_out, ...)
     */
    public static long matrixProduct(
            long batch,
            long weight,
            long bias,
            long[] stride,
            long[] padding,
            long[] dilation,
            int groups) {
        return Call.forHandle(
                call -> {
                    NDArray x = call.take(batch);
                    NDArray w = call.take(weight);
                    NDArray b = bias == 0 ? null : call.take(bias);
                    Geometry geometry = new Geometry(stride, padding, dilation, groups);
                    return Im2col.convolution(x, w, b, geometry);
                });
    }

    /**
     * Computes a layer whose kernels have one cell.
     *
     * @param batch the input, (N, C_in, ...)
     * @param weight the matrix, (C_out, C_in)
     * @param bias the bias of each output channel, (C_out); 0 for none
     * @return the output, (N, C_out, ...)
     */
    public static long pointwise(long batch, long weight, long bias) {
        return Call.forHandle(
                call -> {
                    NDArray x = call.take(batch);
                    NDArray w = call.take(weight);
                    return Im2col.pointwise(x, w, bias == 0 ? null : call.take(bias));
                });
    }

    /**
     * Builds the sparse matrix of a kernel.
     *
     * @param kernel the kernel, (...) or (C_out, C_in / groups, ...)
     * @param input the shape of one input, (...) or (C_in, ...)
     * @param stride the step of the kernel
     * @param padding the zeros on both sides of the input
     * @param dilation the distance of the kernel's cells
     * @param groups into how many groups the channels are divided
     * @return the handles of the indices, (2, count), and of the values, (count)
     */
    public static long[] toeplitz(
            long kernel,
            long[] input,
            long[] stride,
            long[] padding,
            long[] dilation,
            int groups) {
        return Call.forObject(
                call -> {
                    Geometry geometry = new Geometry(stride, padding, dilation, groups);
                    return release(
                            call,
                            Toeplitz.matrix(call.take(kernel), new Shape(input), geometry));
                });
    }

    /**
     * Builds the sparse matrix of the windows of an input.
     *
     * @param x the input, (...) or (C_in, ...)
     * @param kernel the shape of the kernel, (...) or (C_out, C_in / groups, ...)
     * @param stride the step of the kernel
     * @param padding the zeros on both sides of the input
     * @param dilation the distance of the kernel's cells
     * @param groups into how many groups the channels are divided
     * @return the handles of the indices, (2, count), and of the values, (count)
     */
    public static long[] windows(
            long x, long[] kernel, long[] stride, long[] padding, long[] dilation, int groups) {
        return Call.forObject(
                call -> {
                    Geometry geometry = new Geometry(stride, padding, dilation, groups);
                    return release(
                            call, Toeplitz.windows(call.take(x), new Shape(kernel), geometry));
                });
    }

    private static long[] release(Call call, SparseMatrix matrix) {
        return call.release(new NDList(matrix.getIndices(), matrix.getValues()));
    }

    /**
     * Multiplies a sparse matrix with a vector.
     *
     * @param indices the rows and columns of the stored elements, (2, count)
     * @param values the stored elements, (count)
     * @param vector the vector, of any shape
     * @param rows of the matrix
     * @param columns of the matrix
     * @return the product, (rows)
     */
    public static long multiply(
            long indices, long values, long vector, long rows, long columns) {
        return Call.forHandle(
                call -> {
                    NDArray places = call.take(indices);
                    NDArray elements = call.take(values);
                    NDArray factor = call.take(vector);
                    Shape shape = new Shape(rows, columns);
                    return new SparseMatrix(places, elements, shape).multiply(factor);
                });
    }

    /**
     * Writes out a sparse matrix.
     *
     * @param indices the rows and columns of the stored elements, (2, count)
     * @param values the stored elements, (count)
     * @param rows of the matrix
     * @param columns of the matrix
     * @return the matrix with all its zeros, (rows, columns)
     */
    public static long dense(long indices, long values, long rows, long columns) {
        return Call.forHandle(
                call -> {
                    NDArray places = call.take(indices);
                    NDArray elements = call.take(values);
                    return new SparseMatrix(places, elements, new Shape(rows, columns)).toDense();
                });
    }

    /**
     * Computes the derivative of a layer's output by its input, by autograd.
     *
     * @param x the input, (C_in, ...)
     * @param weight the kernels, (C_out, C_in / groups, ...)
     * @param stride the step of the kernel
     * @param padding the zeros on both sides of the input
     * @param dilation the distance of the kernel's cells
     * @param groups into how many groups the channels are divided
     * @return (outputs, inputs)
     */
    public static long jacobianByInput(
            long x, long weight, long[] stride, long[] padding, long[] dilation, int groups) {
        return Call.forHandle(
                call -> {
                    NDArray input = call.take(x);
                    NDArray kernels = call.take(weight);
                    Geometry geometry = new Geometry(stride, padding, dilation, groups);
                    return Jacobians.byInput(input, kernels, geometry);
                });
    }

    /**
     * Computes the derivative of a layer's output by its kernels, by autograd.
     *
     * @param x the input, (C_in, ...)
     * @param weight the kernels, (C_out, C_in / groups, ...)
     * @param stride the step of the kernel
     * @param padding the zeros on both sides of the input
     * @param dilation the distance of the kernel's cells
     * @param groups into how many groups the channels are divided
     * @return (outputs, cells)
     */
    public static long jacobianByKernel(
            long x, long weight, long[] stride, long[] padding, long[] dilation, int groups) {
        return Call.forHandle(
                call -> {
                    NDArray input = call.take(x);
                    NDArray kernels = call.take(weight);
                    Geometry geometry = new Geometry(stride, padding, dilation, groups);
                    return Jacobians.byKernel(input, kernels, geometry);
                });
    }
}
