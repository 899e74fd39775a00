// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import org.pydjl.chapter.ConvLayer;
import org.pydjl.training.KernelLearner;
import org.pydjl.training.LearnedKernel;

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
     * @return the losses and the kernel, or null for a failure
     */
    public static LearnedKernel learn(
            long x,
            long y,
            long[] kernelShape,
            double learningRate,
            int steps,
            double[] initial,
            boolean accumulateGradients) {
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
                                    .build();
                    // DJL has one gradient collector in the whole JVM.
                    synchronized (Learning.class) {
                        return learner.learn(taken.get(0), taken.get(1));
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
}
