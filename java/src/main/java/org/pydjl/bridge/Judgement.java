// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.evaluator.Evaluator;
import ai.djl.training.loss.ElasticNetWeightDecay;
import ai.djl.training.loss.L1WeightDecay;
import ai.djl.training.loss.L2WeightDecay;
import ai.djl.training.loss.Loss;

import java.util.Arrays;

/** What compares predictions with labels: DJL's losses and evaluators. */
public final class Judgement {

    /** Where an evaluator keeps what it has counted. */
    private static final String ACCUMULATOR = "pydjl";

    private Judgement() {}

    /**
     * Computes a loss.
     *
     * @param loss the loss
     * @param predictionCount how many of the handles are predictions
     * @param handles the handles of the predictions, then of the labels; freed
     * @return the handle of the loss, 0 for a failure
     */
    public static long loss(Loss loss, int predictionCount, long[] handles) {
        return Call.forHandle(
                call -> {
                    NDList predictions = call.take(Arrays.copyOf(handles, predictionCount));
                    NDList labels =
                            call.take(Arrays.copyOfRange(handles, predictionCount, handles.length));
                    return EngineMemory.during(() -> loss.evaluate(labels, predictions));
                });
    }

    /**
     * Computes the sum of the absolute values of all elements, times a factor.
     *
     * @param factor the factor
     * @param handles the handles of the arrays; freed
     * @return the handle of the result, 0 for a failure
     */
    public static long l1WeightDecay(float factor, long[] handles) {
        return Call.forHandle(
                call -> decay(new L1WeightDecay("decay", call.take(handles), factor)));
    }

    /**
     * Computes the sum of the squares of all elements, times a factor.
     *
     * @param factor the factor
     * @param handles the handles of the arrays; freed
     * @return the handle of the result, 0 for a failure
     */
    public static long l2WeightDecay(float factor, long[] handles) {
        return Call.forHandle(
                call -> decay(new L2WeightDecay("decay", call.take(handles), factor)));
    }

    /**
     * Computes the sum of the absolute values and that of the squares, each times a factor.
     *
     * @param l1Factor the factor of the absolute values
     * @param l2Factor the factor of the squares
     * @param handles the handles of the arrays; freed
     * @return the handle of the result, 0 for a failure
     */
    public static long elasticNetWeightDecay(float l1Factor, float l2Factor, long[] handles) {
        return Call.forHandle(
                call ->
                        decay(
                                new ElasticNetWeightDecay(
                                        "decay", call.take(handles), l1Factor, l2Factor)));
    }

    private static NDArray decay(Loss loss) {
        // They begin with a number of Java's and add to it in its place.
        return EngineMemory.during(() -> loss.evaluate(new NDList(), new NDList()));
    }

    /**
     * Forgets what an evaluator has counted, or readies a new one.
     *
     * @param evaluator the evaluator
     * @return true, or false for a failure
     */
    public static boolean reset(Evaluator evaluator) {
        return Call.forEffect(call -> evaluator.addAccumulator(ACCUMULATOR));
    }

    /**
     * Shows an evaluator a batch.
     *
     * @param evaluator the evaluator
     * @param predictionCount how many of the handles are predictions
     * @param handles the handles of the predictions, then of the labels; freed
     * @return true, or false for a failure
     */
    public static boolean update(Evaluator evaluator, int predictionCount, long[] handles) {
        return Call.forEffect(
                call -> {
                    NDList predictions = call.take(Arrays.copyOf(handles, predictionCount));
                    NDList labels =
                            call.take(Arrays.copyOfRange(handles, predictionCount, handles.length));
                    show(new Evaluator[] {evaluator}, labels, predictions);
                });
    }

    /**
     * Tells what an evaluator found in the batches that it was shown.
     *
     * @param evaluator the evaluator
     * @return its value
     */
    public static float result(Evaluator evaluator) {
        return evaluator.getAccumulator(ACCUMULATOR);
    }

    /** Shows evaluators a batch. */
    static void show(Evaluator[] evaluators, NDList labels, NDList predictions) {
        for (Evaluator evaluator : evaluators) {
            evaluator.updateAccumulator(ACCUMULATOR, labels, predictions);
        }
    }
}
