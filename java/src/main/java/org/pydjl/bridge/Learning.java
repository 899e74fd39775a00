// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import org.pydjl.chapter.ConvLayer;
import org.pydjl.training.GradientMistake;
import org.pydjl.training.KernelLearner;
import org.pydjl.training.LearnedKernel;
import org.pydjl.training.PrintedLayer;
import org.pydjl.training.SquaredError;

/** Kernel learning. */
public final class Learning {

    private Learning() {}

    /**
     * Learns a kernel.
     *
     * @param x the handle of the input, (H, W); freed
     * @param y the handle of the output to reach; freed
     * @param kernelShape the kernel's height and width
     * @param learningRate the factor of the gradient in each update
     * @param steps the number of updates
     * @param initial the weights to start from, or null to draw them
     * @param accumulateGradients whether gradients add up over the steps
     * @param loss the name of a {@link SquaredError}
     * @param bias the bias to start from, alone in its array, or null for none
     * @return the losses and the kernel, or null for a failure
     */
    public static LearnedKernel learn(
            long x,
            long y,
            long[] kernelShape,
            double learningRate,
            int steps,
            double[] initial,
            boolean accumulateGradients,
            String loss,
            double[] bias) {
        return Call.forObject(
                call -> {
                    NDList taken = call.take(new long[] {x, y});
                    KernelLearner learner =
                            KernelLearner.builder()
                                    .setKernelShape(new Shape(kernelShape))
                                    .optLearningRate(learningRate)
                                    .optSteps(steps)
                                    .optInitial(initial)
                                    .optAccumulateGradients(accumulateGradients)
                                    .optLoss(SquaredError.valueOf(loss))
                                    .optInitialBias(bias == null ? null : bias[0])
                                    .build();
                    // DJL has one gradient collector in the whole JVM.
                    synchronized (Learning.class) {
                        return learner.learn(taken.get(0), taken.get(1));
                    }
                });
    }

    /**
     * Differentiates the chapter's layer as it is printed.
     *
     * @param x the handle of the input, (H, W); freed
     * @param y the handle of the output to reach; freed
     * @param w the handle of the kernel, (h, w); freed
     * @param b the handle of the bias, (1); freed
     * @param collecting whether a gradient collector is open meanwhile
     * @return the handles of the loss and of the gradients of x, w and b, or null for a failure
     */
    public static long[] printedLayerGradients(
            long x, long y, long w, long b, boolean collecting) {
        return Call.forObject(
                call -> {
                    NDList taken = call.take(new long[] {x, y, w, b});
                    boolean gradMode = JniUtils.isGradMode();
                    JniUtils.setGradMode(false);
                    try {
                        synchronized (Learning.class) {
                            return call.release(
                                    PrintedLayer.gradients(
                                            taken.get(0),
                                            taken.get(1),
                                            taken.get(2),
                                            taken.get(3),
                                            collecting));
                        }
                    } finally {
                        JniUtils.setGradMode(gradMode);
                    }
                });
    }

    /**
     * Makes a mistake with gradients and returns what the engine says.
     *
     * @param mistake the name of a {@link GradientMistake}
     * @return the engine's message, or null for a failure
     */
    public static String mistakeMessage(String mistake) {
        return Call.forObject(
                call -> {
                    boolean gradMode = JniUtils.isGradMode();
                    try {
                        synchronized (Learning.class) {
                            return GradientMistake.valueOf(mistake).message(Call.root());
                        }
                    } finally {
                        // A collector that could not be opened leaves gradients on.
                        JniUtils.setGradMode(gradMode);
                    }
                });
    }

    /**
     * Returns the chapter's learning rate.
     *
     * @return {@link ConvLayer#LEARNING_RATE}
     */
    public static double chapterLearningRate() {
        return ConvLayer.LEARNING_RATE;
    }

    /**
     * Returns the chapter's number of updates.
     *
     * @return {@link ConvLayer#STEPS}
     */
    public static int chapterSteps() {
        return ConvLayer.STEPS;
    }

    /**
     * Returns where the chapter's learning starts.
     *
     * @return {@link ConvLayer#start()}
     */
    public static double[] chapterStart() {
        return ConvLayer.start();
    }
}
