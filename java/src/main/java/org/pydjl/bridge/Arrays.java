// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;

/**
 * Shape, selection, conversion and text of arrays.
 *
 * <p>Every handle that is passed in is freed; results are handles, and 0, false or null stands for
 * a failure.
 */
public final class Arrays {

    private Arrays() {}

    /**
     * Gives an array another shape.
     *
     * @param x the array
     * @param shape the new shape, of the same size
     * @return the array with that shape, in the same memory where strides allow it
     */
    public static long reshape(long x, long[] shape) {
        return Call.forHandle(call -> call.take(x).reshape(new Shape(shape)));
    }

    /**
     * Permutes the axes.
     *
     * @param x the array
     * @param axes for each new axis the old one
     * @return a view with permuted axes
     */
    public static long transpose(long x, int[] axes) {
        return Call.forHandle(call -> call.take(x).transpose(axes));
    }

    /**
     * Inserts an axis of length 1.
     *
     * @param x the array
     * @param axis where the new axis stands in the result
     * @return a view with one more axis
     */
    public static long expandDims(long x, int axis) {
        return Call.forHandle(call -> call.take(x).expandDims(axis));
    }

    /**
     * Removes axes of length 1.
     *
     * @param x the array
     * @param axes the axes to remove, each of length 1
     * @return a view without them
     */
    public static long squeeze(long x, int[] axes) {
        return Call.forHandle(call -> call.take(x).squeeze(axes));
    }

    /**
     * Repeats an array along axes of length 1, without a copy.
     *
     * @param x the array
     * @param shape the shape to reach
     * @return a view of that shape
     */
    public static long broadcast(long x, long[] shape) {
        return Call.forHandle(call -> call.take(x).broadcast(new Shape(shape)));
    }

    /**
     * Adds a border of zeros.
     *
     * @param x the array
     * @param padding how many before and after, for each axis, the last axis first
     * @return the array with its border
     */
    public static long pad(long x, long[] padding) {
        return Call.forHandle(call -> call.take(x).pad(new Shape(padding), 0));
    }

    /**
     * Reverses the order along axes.
     *
     * @param x the array
     * @param axes the axes
     * @return a copy in reversed order
     */
    public static long flip(long x, int[] axes) {
        return Call.forHandle(call -> call.take(x).flip(axes));
    }

    /**
     * Repeats the whole array.
     *
     * @param x the array
     * @param repeats how often along each axis
     * @return the repeated array
     */
    public static long tile(long x, long[] repeats) {
        return Call.forHandle(call -> call.take(x).tile(repeats));
    }

    /**
     * Repeats every element along one axis.
     *
     * @param x the array
     * @param axis the axis
     * @param repeats how often
     * @return the repeated array
     */
    public static long repeat(long x, int axis, long repeats) {
        return Call.forHandle(call -> call.take(x).repeat(axis, repeats));
    }

    /**
     * Adds up along an axis, keeping every partial sum.
     *
     * @param x the array
     * @param axis the axis
     * @return the partial sums, of the same shape
     */
    public static long cumSum(long x, int axis) {
        return Call.forHandle(call -> call.take(x).cumSum(axis));
    }

    /**
     * Sorts along an axis, in ascending order.
     *
     * @param x the array
     * @param axis the axis
     * @return the sorted array
     */
    public static long sort(long x, int axis) {
        return Call.forHandle(call -> call.take(x).sort(axis));
    }

    /**
     * Returns the exponentials divided by their sum along an axis.
     *
     * @param x the array
     * @param axis the axis
     * @return an array of the same shape that adds up to 1 along the axis
     */
    public static long softmax(long x, int axis) {
        return Call.forHandle(call -> call.take(x).softmax(axis));
    }

    /**
     * Joins arrays along an axis that they have.
     *
     * @param axis the axis
     * @param arrays the arrays
     * @return the joined array
     */
    public static long concat(int axis, long[] arrays) {
        return Call.forHandle(call -> NDArrays.concat(call.take(arrays), axis));
    }

    /**
     * Joins arrays of one shape along a new axis.
     *
     * @param axis where the new axis stands in the result
     * @param arrays the arrays
     * @return the joined array
     */
    public static long stack(int axis, long[] arrays) {
        return Call.forHandle(call -> NDArrays.stack(call.take(arrays), axis));
    }

    /**
     * Splits an array.
     *
     * @param x the array
     * @param indices where each part but the first begins
     * @param axis the axis
     * @return the parts, as views
     */
    public static long[] split(long x, long[] indices, int axis) {
        return Call.forObject(call -> call.release(call.take(x).split(indices, axis)));
    }

    /**
     * Chooses elements of one array or of another.
     *
     * @param condition where it is true, the element comes from {@code a}
     * @param a the array for true
     * @param b the array for false
     * @return the chosen elements
     */
    public static long where(long condition, long a, long b) {
        return Call.forHandle(
                call -> NDArrays.where(call.take(condition), call.take(a), call.take(b)));
    }

    /**
     * Selects elements.
     *
     * @param x the array
     * @param index the index in DJL's notation, with {@code {}} for each array of indices
     * @param indexArrays the arrays of indices (integers or booleans), in their order
     * @return the selection: a view where the index has no array, else a copy
     */
    public static long get(long x, String index, long[] indexArrays) {
        return Call.forHandle(call -> call.take(x).get(parse(call, index, indexArrays)));
    }

    /**
     * Writes elements.
     *
     * @param x the array
     * @param value what is written, broadcast to the selection and converted to {@code x}'s type
     * @param index the index in DJL's notation, with {@code {}} for each array of indices
     * @param indexArrays the arrays of indices (integers or booleans), in their order
     * @return true, or false for a failure
     */
    public static boolean set(long x, long value, String index, long[] indexArrays) {
        return Call.forEffect(
                call -> {
                    NDArray array = call.take(x);
                    NDArray written = call.take(value);
                    NDIndex parsed = parse(call, index, indexArrays);
                    array.set(parsed, written.toType(array.getDataType(), false));
                });
    }

    private static NDIndex parse(Call call, String index, long[] indexArrays) {
        Object[] arrays = call.take(indexArrays).toArray();
        return new NDIndex(index, arrays);
    }

    /**
     * Converts the elements.
     *
     * @param x the array
     * @param dataType the type of the result
     * @return the converted array; {@code x} itself if it has that type
     */
    public static long toType(long x, DataType dataType) {
        return Call.forHandle(call -> call.take(x).toType(dataType, false));
    }

    /**
     * Moves an array to a device.
     *
     * @param x the array
     * @param device the device of the result
     * @return the array there; {@code x} itself if it is there
     */
    public static long toDevice(long x, Device device) {
        return Call.forHandle(call -> call.take(x).toDevice(device, false));
    }

    /**
     * Describes an array in DJL's notation.
     *
     * @param x the array
     * @return the text that the array's {@code toString()} gives
     */
    public static String describe(long x) {
        return Call.forObject(call -> call.take(x).toString());
    }

    /**
     * Makes an array that lives until it is closed.
     *
     * @param x the array's handle; from now on it belongs to the result
     * @return the array
     */
    public static NDArray attach(long x) {
        return new PtNDArray((PtNDManager) Call.root(), x);
    }

    /**
     * Tells a living array's handle.
     *
     * @param x an array
     * @return its handle, which goes on belonging to the array; 0 if it is closed or not of DJL's
     *     PyTorch engine
     */
    public static long handleOf(NDArray x) {
        Long handle = Call.forObject(call -> ((PtNDArray) x).getHandle());
        return handle == null ? 0 : handle;
    }
}
