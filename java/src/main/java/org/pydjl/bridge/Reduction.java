// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.ndarray.NDArray;

import java.util.function.UnaryOperator;

/** Operations that make one number out of many, over the whole array or over one axis. */
public enum Reduction {
    /** Whether every element is true or non-zero; over the whole array only. */
    ALL(NDArray::all, null),
    /** Whether any element is true or non-zero; over the whole array only. */
    ANY(NDArray::any, null),
    /** Index of the first greatest element. */
    ARGMAX(x -> owned(x.argMax()), (x, axis, keep) -> kept(x.argMax(axis), axis, keep)),
    /** Index of the first smallest element. */
    ARGMIN(x -> owned(x.argMin()), (x, axis, keep) -> kept(x.argMin(axis), axis, keep)),
    /** The greatest element. */
    MAX(NDArray::max, (x, axis, keep) -> x.max(new int[] {axis}, keep)),
    /** The mean. */
    MEAN(NDArray::mean, (x, axis, keep) -> x.mean(new int[] {axis}, keep)),
    /** The smallest element. */
    MIN(NDArray::min, (x, axis, keep) -> x.min(new int[] {axis}, keep)),
    /** The product. */
    PROD(NDArray::prod, (x, axis, keep) -> x.prod(new int[] {axis}, keep)),
    /** The sum. */
    SUM(NDArray::sum, (x, axis, keep) -> x.sum(new int[] {axis}, keep));

    private final UnaryOperator<NDArray> whole;
    private final AlongAxis along;

    Reduction(UnaryOperator<NDArray> whole, AlongAxis along) {
        this.whole = whole;
        this.along = along;
    }

    /**
     * Reduces the whole array to a scalar.
     *
     * @param x the handle of the array; freed
     * @return the handle of the result, 0 for a failure
     */
    public long whole(long x) {
        return Call.forHandle(call -> whole.apply(call.take(x)));
    }

    /**
     * Reduces one axis.
     *
     * @param x the handle of the array; freed
     * @param axis the axis, counted from the first
     * @param keepDims whether the axis stays, with length 1
     * @return the handle of the result, 0 for a failure
     */
    public long along(long x, int axis, boolean keepDims) {
        return Call.forHandle(call -> along.apply(call.take(x), axis, keepDims));
    }

    /**
     * Of a scalar, DJL makes this result from a Java buffer, which ends with the Java array; a copy
     * is libtorch's.
     */
    private static NDArray owned(NDArray result) {
        return result.duplicate();
    }

    private static NDArray kept(NDArray result, int axis, boolean keepDims) {
        return keepDims ? result.expandDims(axis) : result;
    }

    @FunctionalInterface
    private interface AlongAxis {
        NDArray apply(NDArray x, int axis, boolean keepDims);
    }
}
