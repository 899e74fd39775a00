// SPDX-License-Identifier: Apache-2.0
package org.pydjl.lab;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;

/**
 * Cross-correlation as a matrix product: the windows of the input stand in the columns of a matrix,
 * and the kernels, written as rows, are multiplied with it.
 */
public final class Im2col {

    private Im2col() {}

    /**
     * Writes the windows of a batch into the columns of a matrix.
     *
     * @param batch the input, (N, C, sizes), of any type; not modified
     * @param kernel the sizes of the kernel
     * @param geometry stride, padding and dilation; groups are not used
     * @return (N, C * cells, windows): the cells of each channel row by row, as the windows
     * @throws IllegalArgumentException if the number of dimensions differs, a size is smaller than
     *     1, or the kernel reaches over the padded input
     */
    public static NDArray columns(NDArray batch, Shape kernel, Geometry geometry) {
        Shape shape = batch.getShape();
        if (shape.dimension() != geometry.dimensions() + 2) {
            throw new IllegalArgumentException(
                    String.format(
                            "The input has the shape %s, but (N, C, ...) with %d more dimension(s)"
                                    + " is needed.",
                            shape, geometry.dimensions()));
        }
        Shape output = geometry.outputShape(shape.slice(2), kernel);
        try (NDManager work = batch.getManager().newSubManager(batch.getDevice())) {
            NDArray padded = padded(Operands.view(work, batch, shape), geometry);
            long[] cell = new long[geometry.dimensions()];
            NDList cells = new NDList();
            do {
                cells.add(padded.get(under(cell, output, geometry)));
            } while (advance(cell, kernel));
            // One slice for each cell of the kernel; each has one element for each window.
            NDArray columns =
                    NDArrays.stack(cells, 2)
                            .reshape(shape.get(0), shape.get(1) * kernel.size(), output.size());
            columns.attach(batch.getManager());
            return columns;
        }
    }

    /**
     * Computes a convolutional layer, a cross-correlation with channels, as a matrix product.
     *
     * @param batch the input, (N, C_in, sizes), of real numbers; not modified
     * @param weight the kernels, (C_out, C_in / groups, sizes), of the same type; not modified
     * @param bias the bias of each output channel, (C_out), or null; not modified
     * @param geometry stride, padding, dilation and groups
     * @return the output, (N, C_out, sizes)
     * @throws IllegalArgumentException if types, devices or shapes do not fit together
     */
    public static NDArray convolution(
            NDArray batch, NDArray weight, NDArray bias, Geometry geometry) {
        Operands.check(batch, weight);
        Shape shape = batch.getShape();
        Shape kernels = weight.getShape();
        Operands.checkChannels(shape, kernels, geometry);
        Shape output = geometry.outputShape(shape.slice(2), kernels.slice(2));
        long groups = geometry.groups();
        long outputs = kernels.get(0);
        long inputs = kernels.slice(1).size();
        try (NDManager work = batch.getManager().newSubManager(batch.getDevice())) {
            NDArray columns = columns(batch, kernels.slice(2), geometry);
            columns.attach(work);
            NDArray windows = columns.reshape(shape.get(0), groups, inputs, output.size());
            NDArray rows = Operands.view(work, weight, new Shape(groups, outputs / groups, inputs));
            NDArray y = rows.matMul(windows).reshape(shape.get(0), outputs, output.size());
            NDArray result = withBias(work, y, bias)
                    .reshape(new Shape(shape.get(0), outputs).addAll(output));
            result.attach(batch.getManager());
            return result;
        }
    }

    /**
     * Computes a layer whose kernels have one cell, as a matrix product over the channels.
     *
     * @param batch the input, (N, C_in, sizes), of real numbers; not modified
     * @param weight the matrix, (C_out, C_in), of the same type; not modified
     * @param bias the bias of each output channel, (C_out), or null; not modified
     * @return the output, (N, C_out, sizes)
     * @throws IllegalArgumentException if types, devices or shapes do not fit together
     */
    public static NDArray pointwise(NDArray batch, NDArray weight, NDArray bias) {
        Operands.check(batch, weight);
        Shape shape = batch.getShape();
        Shape matrix = weight.getShape();
        boolean fit = shape.dimension() > 1 && matrix.dimension() == 2;
        if (!fit || matrix.get(1) != shape.get(1)) {
            throw new IllegalArgumentException(
                    String.format(
                            "The input %s does not fit the matrix %s: (N, C_in, ...) and (C_out,"
                                    + " C_in) are needed.",
                            shape, matrix));
        }
        Shape sizes = shape.slice(2);
        try (NDManager work = batch.getManager().newSubManager(batch.getDevice())) {
            Shape flat = new Shape(shape.get(0), shape.get(1), sizes.size());
            NDArray points = Operands.view(work, batch, flat);
            NDArray y = Operands.view(work, weight, matrix).matMul(points);
            NDArray result = withBias(work, y, bias)
                    .reshape(new Shape(shape.get(0), matrix.get(0)).addAll(sizes));
            result.attach(batch.getManager());
            return result;
        }
    }

    private static NDArray withBias(NDManager work, NDArray y, NDArray bias) {
        return bias == null ? y : y.add(Operands.view(work, bias, new Shape(bias.size(), 1)));
    }

    private static NDArray padded(NDArray batch, Geometry geometry) {
        int dimensions = geometry.dimensions();
        long[] border = new long[2 * dimensions];
        long zeros = 0;
        for (int i = 0; i < dimensions; i++) {
            // The last dimension stands first.
            border[2 * (dimensions - 1 - i)] = geometry.padding(i);
            border[2 * (dimensions - 1 - i) + 1] = geometry.padding(i);
            zeros += geometry.padding(i);
        }
        return zeros == 0 ? batch : batch.pad(new Shape(border), 0);
    }

    /** What lies under one cell of the kernel in all the windows. */
    private static NDIndex under(long[] cell, Shape output, Geometry geometry) {
        NDIndex index = new NDIndex().addAllDim(2);
        for (int i = 0; i < cell.length; i++) {
            long first = cell[i] * geometry.dilation(i);
            long last = first + (output.get(i) - 1) * geometry.stride(i);
            index.addSliceDim(first, last + 1, geometry.stride(i));
        }
        return index;
    }

    /** Moves to the next position, row by row; false after the last one. */
    static boolean advance(long[] position, Shape sizes) {
        for (int i = position.length - 1; i >= 0; i--) {
            position[i]++;
            if (position[i] < sizes.get(i)) {
                return true;
            }
            position[i] = 0;
        }
        return false;
    }
}
