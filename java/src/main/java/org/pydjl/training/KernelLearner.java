// SPDX-License-Identifier: Apache-2.0
package org.pydjl.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.NormalInitializer;

import java.util.Arrays;

/**
 * Learns the kernel of a 2-D cross-correlation from one input and its output, by gradient descent.
 *
 * <p>The model is DJL's {@link Conv2d} with one filter, and with a bias only if one is asked for.
 * The loss is one of {@link SquaredError}; unless set, it is what DJL's {@code L2Loss} computes.
 * Each step computes the loss and its gradient on the whole input and updates the kernel (and the
 * bias) in place, {@code w -= learningRate * gradient}.
 *
 * <pre>{@code
 * LearnedKernel learned =
 *         KernelLearner.builder().setKernelShape(new Shape(1, 2)).build().learn(x, y);
 * }</pre>
 *
 * <p>A learner is immutable and may be used again. DJL has one gradient collector at a time in the
 * whole JVM, so two threads cannot learn at once.
 *
 * <p>Source: Dive into Deep Learning, DJL edition, 6.2.4.
 */
public final class KernelLearner {

    private final Shape kernelShape;
    private final double learningRate;
    private final int steps;
    private final boolean accumulateGradients;
    private final SquaredError loss;
    private final Initializer initializer;
    private final Double initialBias;

    private KernelLearner(Builder builder) {
        kernelShape = builder.kernelShape;
        learningRate = builder.learningRate;
        steps = builder.steps;
        accumulateGradients = builder.accumulateGradients;
        loss = builder.loss;
        initializer =
                builder.initial == null
                        ? new NormalInitializer()
                        : constant(builder.initial.clone());
        initialBias = builder.initialBias;
    }

    private static Initializer constant(double[] values) {
        return (manager, shape, dataType) ->
                manager.create(values, shape).toType(dataType, false);
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Learns a kernel with {@code corr2d(x, kernel)} close to {@code y}, on the device of {@code
     * x}.
     *
     * <p>The calling thread's grad mode and the graphs and gradients of {@code x} and {@code y}
     * stay as they are, and nothing is left in their managers.
     *
     * @param x the input of shape (H, W) or (1, 1, H, W), float32 or float64
     * @param y the output to reach, of shape (H - h + 1, W - w + 1) or (1, 1, H - h + 1, W - w +
     *     1), of the type and on the device of {@code x}
     * @return the losses and the kernel
     * @throws IllegalArgumentException if an argument is null or has another shape, type or device
     *     than said above
     * @throws IllegalStateException if a gradient collector is open in this JVM
     */
    public LearnedKernel learn(NDArray x, NDArray y) {
        LearningData.check(x, y, kernelShape);
        boolean gradMode = JniUtils.isGradMode();
        // An update in place is an error while operations are recorded.
        JniUtils.setGradMode(false);
        try (NDManager manager = x.getManager().newSubManager(x.getDevice())) {
            return train(
                    manager, LearningData.example(manager, x), LearningData.example(manager, y));
        } finally {
            JniUtils.setGradMode(gradMode);
        }
    }

    private LearnedKernel train(NDManager manager, NDArray x, NDArray y) {
        Conv2d block = block(manager, x);
        NDList parameters = new NDList();
        block.getParameters().values().forEach(each -> parameters.add(each.getArray()));
        ParameterStore store = new ParameterStore(manager, false);
        NDArray half = manager.full(new Shape(), 0.5f, x.getDataType());
        LearnedKernel.Recorder recorder = new LearnedKernel.Recorder(steps, parameters);
        for (int step = 0; step < steps; step++) {
            try (NDManager batch = manager.newSubManager()) {
                batch.tempAttachAll(x, y);
                NDArray error;
                try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
                    NDList prediction = block.forward(store, new NDList(x), true);
                    error = loss.of(y, prediction.singletonOrThrow(), half);
                    collector.backward(error);
                }
                parameters.forEach(each -> update(each, batch));
                recorder.add(error, parameters);
            }
        }
        return recorder.learned(kernelShape, x.getDevice());
    }

    private Conv2d block(NDManager manager, NDArray x) {
        Conv2d block =
                Conv2d.builder()
                        .setKernelShape(kernelShape)
                        .setFilters(1)
                        .optBias(initialBias != null)
                        .build();
        block.setInitializer(initializer, Parameter.Type.WEIGHT);
        if (initialBias != null) {
            block.setInitializer(constant(new double[] {initialBias}), Parameter.Type.BIAS);
        }
        block.initialize(manager, x.getDataType(), x.getShape());
        return block;
    }

    private void update(NDArray parameter, NDManager batch) {
        NDArray gradient = parameter.getGradient();
        gradient.attach(batch);
        parameter.subi(gradient.mul(learningRate));
        if (!accumulateGradients) {
            JniUtils.zeroGrad((PtNDArray) parameter);
        }
    }

    /** Builds a {@link KernelLearner}; only the kernel's shape is required. */
    public static final class Builder {

        private Shape kernelShape;
        private double learningRate = 0.4;
        private int steps = 10;
        private boolean accumulateGradients;
        private SquaredError loss = SquaredError.MEAN_OF_HALVES;
        private double[] initial;
        private Double initialBias;

        private Builder() {}

        /**
         * Sets the shape of the kernel (required).
         *
         * @param kernelShape the shape (h, w)
         * @return this builder
         */
        public Builder setKernelShape(Shape kernelShape) {
            this.kernelShape = kernelShape;
            return this;
        }

        /**
         * Sets the learning rate.
         *
         * @param learningRate the factor of the gradient in each update, 0.4 unless set
         * @return this builder
         */
        public Builder optLearningRate(double learningRate) {
            this.learningRate = learningRate;
            return this;
        }

        /**
         * Sets the number of steps.
         *
         * @param steps how many times the kernel is updated, 10 unless set
         * @return this builder
         */
        public Builder optSteps(int steps) {
            this.steps = steps;
            return this;
        }

        /**
         * Sets whether gradients add up over the steps.
         *
         * <p>That is what the chapter's code, taken literally, does on the PyTorch engine: the
         * kernel then oscillates instead of coming to rest. The numbers printed in the chapter need
         * a fresh gradient in each step.
         *
         * @param accumulateGradients whether to keep the gradient from step to step, false unless
         *     set
         * @return this builder
         */
        public Builder optAccumulateGradients(boolean accumulateGradients) {
            this.accumulateGradients = accumulateGradients;
            return this;
        }

        /**
         * Sets the weights from which the learning starts.
         *
         * <p>Without them they are drawn from the engine's generator, from a normal distribution
         * with standard deviation 0.01.
         *
         * @param initial the weights, row by row
         * @return this builder
         */
        public Builder optInitial(double[] initial) {
            this.initial = initial;
            return this;
        }

        /**
         * Sets the loss.
         *
         * @param loss what becomes small, {@link SquaredError#MEAN_OF_HALVES} unless set
         * @return this builder
         */
        public Builder optLoss(SquaredError loss) {
            this.loss = loss;
            return this;
        }

        /**
         * Sets that a bias is learned too, and from which value it starts.
         *
         * @param initialBias the bias before the first step; null, which it is unless set, for no
         *     bias
         * @return this builder
         */
        public Builder optInitialBias(Double initialBias) {
            this.initialBias = initialBias;
            return this;
        }

        /**
         * Builds the learner.
         *
         * @return the learner
         * @throws IllegalArgumentException if the kernel's shape is missing or not two-dimensional,
         *     if the learning rate is not a positive finite number, if the number of steps is
         *     negative, if the loss is null, or if the start does not have one weight for each cell
         *     of the kernel
         */
        public KernelLearner build() {
            boolean plane = kernelShape != null && kernelShape.dimension() == 2;
            LearningData.require(
                    plane && kernelShape.get(0) > 0 && kernelShape.get(1) > 0,
                    "The kernel's shape is %s, but learning needs two dimensions (height, width) of"
                            + " at least 1 each; set it with setKernelShape.",
                    kernelShape);
            LearningData.require(
                    learningRate > 0 && Double.isFinite(learningRate),
                    "The learning rate is %s, but it must be a positive finite number.",
                    learningRate);
            LearningData.require(
                    steps >= 0,
                    "The number of steps is %d, but it must not be negative.",
                    steps);
            LearningData.require(
                    initial == null || initial.length == kernelShape.size(),
                    "The start has the weights %s, but a kernel of shape %s has %d.",
                    Arrays.toString(initial),
                    kernelShape,
                    kernelShape.size());
            LearningData.require(
                    loss != null, "The loss is null, but learning needs one; set it with optLoss.");
            return new KernelLearner(this);
        }
    }
}
