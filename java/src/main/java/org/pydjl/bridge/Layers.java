// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/**
 * What layers with parameters compute: linear maps, look-ups, normalisation, dropout.
 *
 * <p>Numbers such as ε are passed on as double: through DJL's public interface they would be
 * rounded to float first, and the results would differ from PyTorch's in their last bits. An array
 * of handle 0 stands for a scale or shift that is missing: DJL's native code takes it so, while its
 * Java code would not let null through. Every handle that is passed in is freed, if it is not said
 * to be lent; 0 stands for a failure.
 */
public final class Layers {

    private Layers() {}

    /**
     * Multiplies by a matrix and adds a bias: x Wᵀ + b.
     *
     * @param input the input, (..., inputs); lent
     * @param weight the matrix, (outputs, inputs); lent
     * @param bias the bias, (outputs), lent; 0 for none
     * @return the output, (..., outputs)
     */
    public static long linear(long input, long weight, long bias) {
        if (bias == 0) {
            return Loan.forHandle(input, weight, (x, w) -> fusedLinear(x, w, null));
        }
        return Loan.forHandle(input, weight, bias, Layers::fusedLinear);
    }

    private static NDArray fusedLinear(NDArray x, NDArray weight, NDArray bias) {
        return JniUtils.linear((PtNDArray) x, (PtNDArray) weight, (PtNDArray) bias);
    }

    /**
     * Looks rows of a table up.
     *
     * @param indices which rows, integers of any shape
     * @param weight the table, (rows, columns)
     * @param paddingIndex the row that gets no gradient; -1 for none
     * @param sparse whether the table's gradient is a sparse array
     * @return the rows, (..., columns)
     */
    public static long embedding(long indices, long weight, long paddingIndex, boolean sparse) {
        return Call.forHandle(
                call -> {
                    PtNDArray which = (PtNDArray) call.take(indices);
                    NDArray rows =
                            JniUtils.embedding(which, (PtNDArray) call.take(weight), sparse);
                    if (paddingIndex < 0) {
                        return rows;
                    }
                    // DJL knows no padding row: its copies in the result are cut off the graph.
                    NDArray learned =
                            which.neq(paddingIndex).expandDims(-1).broadcast(rows.getShape());
                    return NDArrays.where(learned, rows, rows.stopGradient());
                });
    }

    /**
     * Normalises each channel over the batch and its positions.
     *
     * @param input the input, (N, C, ...)
     * @param runningMean the running mean, (C), updated in place when training
     * @param runningVariance the running variance, (C), updated in place when training
     * @param weight the scale, (C); 0 for none
     * @param bias the shift, (C); 0 for none
     * @param training whether to normalise by the batch's own statistics
     * @param momentum the weight of the batch in the running statistics: PyTorch's momentum, which
     *     is 1 minus that of DJL's layer
     * @param epsilon what is added to the variance
     * @return the output, of the input's shape
     */
    public static long batchNorm(
            long input,
            long runningMean,
            long runningVariance,
            long weight,
            long bias,
            boolean training,
            double momentum,
            double epsilon) {
        return Call.forHandle(
                call ->
                        JniUtils.batchNorm(
                                (PtNDArray) call.take(input),
                                (PtNDArray) call.take(runningMean),
                                (PtNDArray) call.take(runningVariance),
                                (PtNDArray) call.take(weight),
                                (PtNDArray) call.take(bias),
                                training,
                                momentum,
                                epsilon));
    }

    /**
     * Normalises each example over its last dimensions.
     *
     * @param input the input, (..., normalised shape)
     * @param weight the scale, of the normalised shape; 0 for none
     * @param bias the shift, of the normalised shape; 0 for none
     * @param normalizedShape the shape of the last dimensions
     * @param epsilon what is added to the variance
     * @return the output, of the input's shape
     */
    public static long layerNorm(
            long input, long weight, long bias, long[] normalizedShape, double epsilon) {
        return Call.forHandle(
                call ->
                        JniUtils.layerNorm(
                                (PtNDArray) call.take(input),
                                new Shape(normalizedShape),
                                (PtNDArray) call.take(weight),
                                (PtNDArray) call.take(bias),
                                epsilon));
    }

    /**
     * Sets random elements to zero and scales the others by 1 / (1 - probability).
     *
     * @param input the input
     * @param probability how likely an element becomes zero
     * @param training whether to do anything
     * @return the output, of the input's shape
     */
    public static long dropout(long input, double probability, boolean training) {
        return Call.forHandle(
                call -> JniUtils.dropout((PtNDArray) call.take(input), probability, training));
    }

    /**
     * Draws first values of a weight by DJL's default initializer.
     *
     * @param weight an array of the weight's shape and type, (outputs, inputs, ...), not changed
     * @return the values
     */
    public static long initialWeight(long weight) {
        return Call.forHandle(
                call -> {
                    NDArray model = call.take(weight);
                    return Parameter.Type.WEIGHT
                            .getInitializer()
                            .initialize(
                                    model.getManager(), model.getShape(), model.getDataType());
                });
    }
}
