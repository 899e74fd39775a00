// SPDX-License-Identifier: Apache-2.0
package org.pydjl.lab;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

import java.util.function.Function;

/**
 * The matrix of a cross-correlation: {@code vec(output) = A vec(input)}, with {@code vec} row by
 * row.
 *
 * <p>With stride 1 it is a Toeplitz matrix in one dimension and a block Toeplitz matrix of Toeplitz
 * blocks in two. Its transpose is the transposed convolution.
 */
public final class Toeplitz {

    private Toeplitz() {}

    /**
     * Builds the matrix of a kernel, or of the kernels of a layer.
     *
     * <p>Stored are the places where a cell of the kernel meets an element of the input, also if
     * the cell is 0. Gradients flow from the values to the kernel.
     *
     * @param kernel (sizes) for an input without channels, or (C_out, C_in / groups, sizes); of
     *     real numbers; not modified
     * @param input the shape of one input: (sizes), or (C_in, sizes)
     * @param geometry how the kernel moves
     * @return the matrix, in the manager of the kernel; the caller closes it
     * @throws IllegalArgumentException if the shapes do not fit together, or the kernel reaches
     *     over the padded input
     */
    public static SparseMatrix matrix(NDArray kernel, Shape input, Geometry geometry) {
        Operands.check(kernel, kernel);
        return inManagerOf(
                kernel,
                work -> {
                    NDArray view = Operands.view(work, kernel, kernel.getShape());
                    return terms(work, input, kernel.getShape(), geometry).byInput(view);
                });
    }

    /**
     * Builds the matrix that gives the output when it is multiplied with the kernel: {@code
     * vec(output) = B vec(kernel)}. Its rows are the windows of the input.
     *
     * @param x the input, (sizes) or (C_in, sizes); of real numbers; not modified
     * @param kernel the shape of the kernel, (sizes) or (C_out, C_in / groups, sizes)
     * @param geometry how the kernel moves
     * @return the matrix, in the manager of the input; the caller closes it
     * @throws IllegalArgumentException as {@link #matrix}
     */
    public static SparseMatrix windows(NDArray x, Shape kernel, Geometry geometry) {
        Operands.check(x, x);
        return inManagerOf(
                x,
                work -> {
                    NDArray view = Operands.view(work, x, x.getShape());
                    return terms(work, x.getShape(), kernel, geometry).byKernel(view);
                });
    }

    private static Terms terms(NDManager work, Shape input, Shape kernel, Geometry geometry) {
        if (kernel.dimension() != geometry.dimensions()) {
            return new Terms(work, input, kernel, geometry);
        }
        Shape oneChannel = new Shape(1).addAll(input);
        return new Terms(work, oneChannel, new Shape(1, 1).addAll(kernel), geometry);
    }

    private static SparseMatrix inManagerOf(
            NDArray owner, Function<NDManager, SparseMatrix> builder) {
        try (NDManager work = owner.getManager().newSubManager(owner.getDevice())) {
            SparseMatrix matrix = builder.apply(work);
            matrix.getIndices().attach(owner.getManager());
            matrix.getValues().attach(owner.getManager());
            return matrix;
        }
    }
}
