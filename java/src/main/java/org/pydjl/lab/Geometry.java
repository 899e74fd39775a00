// SPDX-License-Identifier: Apache-2.0
package org.pydjl.lab;

import ai.djl.ndarray.types.Shape;

import java.util.Arrays;

/** How a kernel moves over its input: stride, padding, dilation and groups of channels. */
public final class Geometry {

    private final long[] stride;
    private final long[] padding;
    private final long[] dilation;
    private final int groups;

    /**
     * Creates a geometry.
     *
     * @param stride the step of the kernel, for each dimension
     * @param padding the zeros added on both sides, for each dimension
     * @param dilation the distance of the kernel's cells, for each dimension
     * @param groups into how many groups the channels are divided
     * @throws IllegalArgumentException if the three have different lengths, a stride, a dilation or
     *     the number of groups is smaller than 1, or a padding is negative
     */
    public Geometry(long[] stride, long[] padding, long[] dilation, int groups) {
        if (padding.length != stride.length || dilation.length != stride.length) {
            throw new IllegalArgumentException(
                    String.format(
                            "There are %d strides, %d paddings and %d dilations, but each dimension"
                                    + " needs one of each.",
                            stride.length, padding.length, dilation.length));
        }
        require("stride", stride, 1);
        require("padding", padding, 0);
        require("dilation", dilation, 1);
        require("groups", new long[] {groups}, 1);
        this.stride = stride.clone();
        this.padding = padding.clone();
        this.dilation = dilation.clone();
        this.groups = groups;
    }

    /**
     * Returns the geometry of a kernel that moves in steps of 1, with nothing added.
     *
     * @param dimensions of the kernel
     * @return stride 1, padding 0, dilation 1, one group
     */
    public static Geometry plain(int dimensions) {
        long[] ones = new long[dimensions];
        Arrays.fill(ones, 1);
        return new Geometry(ones, new long[dimensions], ones, 1);
    }

    /**
     * Returns the sizes of an output: {@code floor((n + 2p - d(k - 1) - 1) / s) + 1} each.
     *
     * @param input the sizes of the input, without batch and channels
     * @param kernel the sizes of the kernel, without channels
     * @return the sizes of the output
     * @throws IllegalArgumentException if the number of dimensions differs, a size is smaller than
     *     1, or the kernel reaches over the padded input
     */
    public Shape outputShape(Shape input, Shape kernel) {
        requireSizes("input", input);
        requireSizes("kernel", kernel);
        long[] sizes = new long[stride.length];
        for (int i = 0; i < sizes.length; i++) {
            long room = input.get(i) + 2 * padding[i] - extent(i, kernel.get(i));
            if (room < 0) {
                throw new IllegalArgumentException(
                        String.format(
                                "The kernel %s with dilation %s does not fit into the input %s with"
                                        + " padding %s: take a smaller one, or more padding.",
                                kernel,
                                Arrays.toString(dilation),
                                input,
                                Arrays.toString(padding)));
            }
            sizes[i] = room / stride[i] + 1;
        }
        return new Shape(sizes);
    }

    int dimensions() {
        return stride.length;
    }

    int groups() {
        return groups;
    }

    long stride(int dimension) {
        return stride[dimension];
    }

    long padding(int dimension) {
        return padding[dimension];
    }

    long dilation(int dimension) {
        return dilation[dimension];
    }

    /** How many elements of the input a kernel of some cells spans. */
    long extent(int dimension, long cells) {
        return dilation[dimension] * (cells - 1) + 1;
    }

    boolean isDilated() {
        return Arrays.stream(dilation).anyMatch(distance -> distance > 1);
    }

    Geometry withPadding(long[] zeros) {
        return new Geometry(stride, zeros, dilation, groups);
    }

    Geometry withGroups(int number) {
        return new Geometry(stride, padding, dilation, number);
    }

    Shape strideShape() {
        return new Shape(stride);
    }

    Shape paddingShape() {
        return new Shape(padding);
    }

    Shape dilationShape() {
        return new Shape(dilation);
    }

    private void requireSizes(String name, Shape shape) {
        if (shape.dimension() != stride.length
                || Arrays.stream(shape.getShape()).anyMatch(size -> size < 1)) {
            throw new IllegalArgumentException(
                    String.format(
                            "The %s has the sizes %s, but %d of at least 1 are needed.",
                            name, shape, stride.length));
        }
    }

    private static void require(String name, long[] values, long least) {
        if (Arrays.stream(values).anyMatch(value -> value < least)) {
            throw new IllegalArgumentException(
                    String.format(
                            "%s is %s, but numbers of at least %d are needed.",
                            name, Arrays.toString(values), least));
        }
    }
}
