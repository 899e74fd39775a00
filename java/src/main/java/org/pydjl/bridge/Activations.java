// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/**
 * Activation functions that are no member of {@link Unary}, with PyTorch's meaning.
 *
 * <p>Where a number stands in a product whose gradient is needed, it is an array in native memory
 * ({@link #number}): the number of {@code NDArray.mul(Number)} lies in Java's memory, which is gone
 * by the time the gradient reads it. Every handle that is passed in is freed; 0 stands for a
 * failure.
 */
public final class Activations {

    private Activations() {}

    /**
     * Limits the rectified linear unit to 6.
     *
     * @param x the input
     * @return min(max(x, 0), 6); the gradient is 0 at both limits
     */
    public static long relu6(long x) {
        return Call.forHandle(
                call -> {
                    NDArray relu = Activation.relu(call.take(x));
                    // DJL's relu6 is minimum(6, relu), whose gradient at 6 is one half.
                    NDArray below = relu.gte(6).logicalNot();
                    return NDArrays.where(below, relu, number(relu, 6));
                });
    }

    /**
     * Lets a share of negative numbers through.
     *
     * @param x the input
     * @param negativeSlope the share
     * @return x where it is positive, else the share of it
     */
    public static long leakyRelu(long x, double negativeSlope) {
        return Call.forHandle(call -> JniUtils.leakyRelu((PtNDArray) call.take(x), negativeSlope));
    }

    /**
     * Lets a learned share of negative numbers through.
     *
     * @param x the input, (N, C, ...)
     * @param weight the share for all elements, (1), or for each channel, (C)
     * @return x where it is positive, else the share of it
     */
    public static long prelu(long x, long weight) {
        return Call.forHandle(
                call -> {
                    NDArray input = call.take(x);
                    NDArray share = call.take(weight);
                    long[] channels = new long[input.getShape().dimension()];
                    java.util.Arrays.fill(channels, 1);
                    if (share.size() > 1) {
                        channels[1] = share.size();
                    }
                    share = share.reshape(new Shape(channels));
                    // DJL's own prelu throws. The inner choice keeps an infinite x, which is
                    // passed on unchanged, out of the gradient of the weight.
                    NDArray negative = input.gt(0).logicalNot();
                    NDArray rest = NDArrays.where(negative, input, number(input, 0));
                    return NDArrays.where(negative, rest.mul(share), input);
                });
    }

    /**
     * Exponential linear unit.
     *
     * @param x the input
     * @param alpha what it tends to for negative numbers, negated
     * @return x where it is positive, else α (exp x - 1)
     */
    public static long elu(long x, double alpha) {
        return Call.forHandle(call -> JniUtils.elu((PtNDArray) call.take(x), alpha));
    }

    /**
     * Scaled exponential linear unit.
     *
     * @param x the input
     * @return λ elu(x) with the λ and α that keep mean 0 and variance 1
     */
    public static long selu(long x) {
        return Call.forHandle(call -> Activation.selu(call.take(x)));
    }

    /**
     * Gaussian error linear unit.
     *
     * @param x the input
     * @return x Φ(x)
     */
    public static long gelu(long x) {
        return Call.forHandle(call -> Activation.gelu(call.take(x)));
    }

    /**
     * Gaussian error linear unit, with a tanh for the distribution function.
     *
     * @param x the input
     * @return x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))
     */
    public static long geluTanh(long x) {
        return Call.forHandle(
                call -> {
                    NDArray input = call.take(x);
                    NDArray cubic = input.mul(input).mul(input).mul(number(input, 0.044715));
                    NDArray factor = number(input, Math.sqrt(2 / Math.PI));
                    NDArray bend = input.add(cubic).mul(factor).tanh();
                    NDArray half = input.mul(number(input, 0.5));
                    return half.add(half.mul(bend));
                });
    }

    /**
     * Sigmoid linear unit, which DJL calls Swish.
     *
     * @param x the input
     * @return x σ(x)
     */
    public static long silu(long x) {
        return Call.forHandle(
                call -> {
                    NDArray input = call.take(x);
                    return input.mul(Activation.sigmoid(input));
                });
    }

    /**
     * Mish.
     *
     * @param x the input
     * @return x tanh(ln(1 + exp x))
     */
    public static long mish(long x) {
        return Call.forHandle(
                call -> {
                    NDArray input = call.take(x);
                    // DJL's own mish takes the logarithm to base 2, and overflows.
                    return input.mul(Activation.softPlus(input).tanh());
                });
    }

    /**
     * A smooth version of the rectified linear unit.
     *
     * @param x the input
     * @return ln(1 + exp x), and x where that is above 20
     */
    public static long softplus(long x) {
        return Call.forHandle(call -> Activation.softPlus(call.take(x)));
    }

    /**
     * As {@link #softplus(long)}, with a scale and a threshold.
     *
     * @param x the input
     * @param beta the scale β
     * @param threshold where the function becomes linear, at most 20, which is DJL's
     * @return ln(1 + exp βx) / β, and x where βx is above the threshold
     */
    public static long scaledSoftplus(long x, double beta, double threshold) {
        return Call.forHandle(
                call -> {
                    NDArray input = call.take(x);
                    NDArray scale = number(input, beta);
                    NDArray scaled = input.mul(scale);
                    NDArray smooth = Activation.softPlus(scaled).div(scale);
                    return NDArrays.where(scaled.gt(threshold), input, smooth);
                });
    }

    /**
     * Softsign.
     *
     * @param x the input
     * @return x / (1 + |x|)
     */
    public static long softsign(long x) {
        return Call.forHandle(call -> Activation.softSign(call.take(x)));
    }

    /**
     * Exponentials along a dimension, divided by their sum.
     *
     * @param x the input
     * @param dimension the dimension, from the first or, if negative, from the last
     * @param dataType the element type to compute in
     * @return the output, of the input's shape
     */
    public static long softmax(long x, long dimension, DataType dataType) {
        return Call.forHandle(
                call -> JniUtils.softmax((PtNDArray) call.take(x), dimension, dataType));
    }

    /**
     * The natural logarithm of {@link #softmax}.
     *
     * @param x the input
     * @param dimension the dimension, from the first or, if negative, from the last
     * @param dataType the element type to compute in
     * @return the output, of the input's shape
     */
    public static long logSoftmax(long x, long dimension, DataType dataType) {
        return Call.forHandle(
                call -> JniUtils.logSoftmax((PtNDArray) call.take(x), dimension, dataType));
    }

    /**
     * A number as an array without dimensions, in native memory: the copy is needed, for toType
     * gives an array of the same type in the same memory, also when it is asked for a copy.
     */
    private static NDArray number(NDArray model, double value) {
        NDArray copy = model.getManager().create(value).duplicate();
        return copy.toType(model.getDataType(), false);
    }
}
