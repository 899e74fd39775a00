// SPDX-License-Identifier: Apache-2.0
package org.pydjl.lab;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

import java.util.Arrays;

/**
 * All products that a cross-correlation adds up: for each one the numbers of the output element, of
 * the input element and of the kernel's cell, each counted row by row. Products with the zeros of
 * the padding are left out.
 *
 * <p>The numbers are computed by the engine: Java's buffers of such sizes stay until the garbage
 * collector runs.
 */
final class Terms {

    private final NDManager manager;
    private final Geometry geometry;
    private final int dimensions;
    private final long inputSize;
    private final long outputSize;
    private final long cellCount;
    /** Groups, outputs of a group, positions, inputs of a group, cells: one axis or more each. */
    private final Shape grid;
    private NDArray outputs;
    private NDArray inputs;
    private NDArray cells;

    /**
     * Lists the products.
     *
     * @param manager keeps the numbers, and what it takes to compute them
     * @param input the shape of one input, (C_in, sizes)
     * @param weight the shape of the kernels, (C_out, C_in / groups, sizes)
     * @param geometry how the kernels move
     * @throws IllegalArgumentException if the shapes do not fit together
     */
    Terms(NDManager manager, Shape input, Shape weight, Geometry geometry) {
        Operands.checkChannels(input, weight, geometry);
        this.manager = manager;
        this.geometry = geometry;
        dimensions = geometry.dimensions();
        Shape positions = geometry.outputShape(input.slice(1), weight.slice(2));
        inputSize = input.size();
        outputSize = weight.get(0) * positions.size();
        cellCount = weight.size();
        Shape channels = new Shape(geometry.groups(), weight.get(0) / geometry.groups());
        grid = channels.addAll(positions).addAll(weight.slice(1));
        Shape none = new Shape(ones(dimensions));
        outputs = everywhere(upTo(manager, outputSize), channels.addAll(positions).add(1), none);
        cells = everywhere(upTo(manager, cellCount), channels.addAll(none), weight.slice(1));
        locate(input);
    }

    /** Computes which input element each product has, and leaves out those in the padding. */
    private void locate(Shape input) {
        NDArray place = along(0).mul(grid.get(dimensions + 2)).add(along(dimensions + 2));
        NDArray inside = manager.ones(new Shape(1), DataType.BOOLEAN);
        boolean padded = false;
        for (int i = 0; i < dimensions; i++) {
            long size = input.get(i + 1);
            NDArray at =
                    along(i + 2)
                            .mul(geometry.stride(i))
                            .add(along(dimensions + 3 + i).mul(geometry.dilation(i)))
                            .sub(geometry.padding(i));
            place = place.mul(size).add(at);
            inside = inside.logicalAnd(at.gte(0)).logicalAnd(at.lt(size));
            padded |= geometry.padding(i) > 0;
        }
        inputs = place.broadcast(grid).flatten();
        if (padded) {
            NDArray chosen = inside.broadcast(grid).flatten();
            outputs = outputs.booleanMask(chosen);
            inputs = inputs.booleanMask(chosen);
            cells = cells.booleanMask(chosen);
        }
    }

    /** The derivative by the input: a row for each output, a column for each input element. */
    SparseMatrix byInput(NDArray kernels) {
        return new SparseMatrix(
                NDArrays.stack(new NDList(outputs, inputs)),
                kernels.flatten().take(cells),
                new Shape(outputSize, inputSize));
    }

    /** The derivative by the kernels: a row for each output, a column for each kernel's cell. */
    SparseMatrix byKernel(NDArray x) {
        return new SparseMatrix(
                NDArrays.stack(new NDList(outputs, cells)),
                x.flatten().take(inputs),
                new Shape(outputSize, cellCount));
    }

    /** The whole numbers from 0 on. DJL's arange counts in float32, exact up to 2 to the 24. */
    static NDArray upTo(NDManager manager, long count) {
        return manager.ones(new Shape(count), DataType.INT64).cumSum(0).sub(1L);
    }

    /** The numbers of an axis of the grid, along that axis. */
    private NDArray along(int axis) {
        long[] sizes = ones(grid.dimension());
        sizes[axis] = grid.get(axis);
        return upTo(manager, sizes[axis]).reshape(new Shape(sizes));
    }

    private NDArray everywhere(NDArray numbers, Shape first, Shape last) {
        return numbers.reshape(first.addAll(last)).broadcast(grid).flatten();
    }

    private static long[] ones(int count) {
        long[] ones = new long[count];
        Arrays.fill(ones, 1);
        return ones;
    }
}
