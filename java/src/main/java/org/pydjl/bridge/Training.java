// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.evaluator.Evaluator;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;

import java.lang.reflect.Field;
import java.util.Arrays;

/** DJL's gradient collector and trainer, driven from Python. */
public final class Training {

    private Training() {}

    /**
     * Opens a gradient collector, which turns gradients on for this thread.
     *
     * @return the collector, or null if one is open in this JVM
     */
    public static GradientCollector openCollector() {
        return Call.forObject(call -> Engine.getEngine("PyTorch").newGradientCollector());
    }

    /**
     * Adds the gradients of a target to those of the arrays that it was computed from.
     *
     * @param target the handle of the target; freed
     * @param collector the open collector
     * @return true, or false for a failure
     */
    public static boolean backward(long target, GradientCollector collector) {
        return Call.forEffect(call -> collector.backward(call.take(target)));
    }

    /**
     * Closes a collector.
     *
     * @param collector the collector
     * @return true, or false for a failure
     */
    public static boolean closeCollector(GradientCollector collector) {
        return Call.forEffect(call -> collector.close());
    }

    /**
     * Makes a trainer of a block whose parameters are bound to tensors.
     *
     * @param block the block
     * @param loss what is to become small
     * @param optimizer what changes the parameters
     * @param device where the parameters are
     * @param dataType the type of the parameters
     * @param shapes the shapes of the block's inputs
     * @return the trainer, or null for a failure
     */
    public static Trainer newTrainer(
            Block block,
            Loss loss,
            Optimizer optimizer,
            Device device,
            DataType dataType,
            long[][] shapes) {
        return Call.forObject(
                call -> {
                    Model model = Engine.getEngine("PyTorch").newModel("pydjl", device);
                    try {
                        model.setBlock(block);
                        model.setDataType(dataType);
                        DefaultTrainingConfig configuration =
                                new DefaultTrainingConfig(loss)
                                        .optOptimizer(optimizer)
                                        .optDevices(new Device[] {device});
                        Trainer trainer = model.newTrainer(configuration);
                        trainer.initialize(
                                Arrays.stream(shapes).map(Shape::new).toArray(Shape[]::new));
                        skipGradientCheck(trainer);
                        return trainer;
                    } catch (RuntimeException | Error e) {
                        model.close();
                        throw e;
                    }
                });
    }

    /**
     * DJL takes gradients that add up to 0 in the first step for missing ones, and stops. Those of
     * a softmax add up to 0 by nature.
     */
    private static void skipGradientCheck(Trainer trainer) {
        try {
            Field field = Trainer.class.getDeclaredField("gradientsChecked");
            field.setAccessible(true);
            field.setBoolean(trainer, true);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this version of DJL checks gradients elsewhere", e);
        }
    }

    /**
     * Computes the loss of a batch and adds its gradients to those of the parameters.
     *
     * @param trainer the trainer
     * @param evaluators what is to see the predictions
     * @param inputCount how many of the handles are inputs
     * @param handles the handles of the inputs, then of the labels, all on one device; freed
     * @return the handle of the loss, outside of the graph; 0 for a failure
     */
    public static long learn(
            Trainer trainer, Evaluator[] evaluators, int inputCount, long[] handles) {
        return Call.forHandle(
                call -> {
                    NDList arrays = call.takeOnDevice(handles);
                    NDList inputs = arrays.subNDList(0, inputCount);
                    NDList labels = arrays.subNDList(inputCount);
                    boolean gradMode = JniUtils.isGradMode();
                    try {
                        return EngineMemory.during(
                                () -> learn(trainer, evaluators, inputs, labels));
                    } finally {
                        // A collector that could not be opened leaves gradients on.
                        JniUtils.setGradMode(gradMode);
                    }
                });
    }

    private static NDArray learn(
            Trainer trainer, Evaluator[] evaluators, NDList inputs, NDList labels) {
        try (GradientCollector collector = trainer.newGradientCollector()) {
            NDList predictions = trainer.forward(inputs, labels);
            NDArray loss = trainer.getLoss().evaluate(labels, predictions);
            collector.backward(loss);
            Judgement.show(evaluators, labels, predictions);
            return loss.stopGradient();
        }
    }

    /**
     * Computes the loss of a batch as it is when the block is used, not trained.
     *
     * @param trainer the trainer
     * @param evaluators what is to see the predictions
     * @param inputCount how many of the handles are inputs
     * @param handles the handles of the inputs, then of the labels, all on one device; freed
     * @return the handle of the loss, 0 for a failure
     */
    public static long evaluate(
            Trainer trainer, Evaluator[] evaluators, int inputCount, long[] handles) {
        return Call.forHandle(
                call -> {
                    NDList arrays = call.takeOnDevice(handles);
                    NDList labels = arrays.subNDList(inputCount);
                    return EngineMemory.during(
                            () -> {
                                NDList predictions =
                                        trainer.evaluate(arrays.subNDList(0, inputCount));
                                Judgement.show(evaluators, labels, predictions);
                                return trainer.getLoss().evaluate(labels, predictions);
                            });
                });
    }

    /**
     * Closes a trainer and its model; the block's parameters stay.
     *
     * @param trainer the trainer
     * @return true, or false for a failure
     */
    public static boolean closeTrainer(Trainer trainer) {
        return Call.forEffect(
                call -> {
                    trainer.close();
                    trainer.getModel().close();
                });
    }
}
