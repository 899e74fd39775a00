// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;

import java.lang.ref.Cleaner;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Any DJL block, driven from Python: its start and its forward pass. */
public final class Blocks {

    private static final Cleaner CLEANER = Cleaner.create();
    private static final ThreadLocal<long[]> OUTPUTS = new ThreadLocal<>();
    private static final long SEVERAL = -1;

    private Blocks() {}

    /**
     * Runs a block forward.
     *
     * @param block the block, initialized
     * @param training whether it is being trained
     * @param inputs the handles of its inputs, all on one device; freed
     * @return the handles of its outputs, or null for a failure
     */
    public static long[] forward(Block block, boolean training, long[] inputs) {
        return Call.forObject(
                call -> {
                    NDList arrays = call.takeOnDevice(inputs);
                    ParameterStore store = new ParameterStore(arrays.getManager(), false);
                    NDList outputs =
                            EngineMemory.during(() -> block.forward(store, arrays, training));
                    if (outputs.isEmpty()) {
                        throw new IllegalStateException("the block returned no array");
                    }
                    return call.release(outputs);
                });
    }

    /**
     * Runs a block that has one input, and nearly always one output, forward. It passes no arrays
     * of handles, which take JPype longer than the rest of the call.
     *
     * @param input the handle of the input; freed
     * @param block the block, initialized
     * @param training whether it is being trained
     * @return the handle of the output; -1 for several, which {@link #takeOutputs()} gives; 0 for a
     *     failure
     */
    public static long forwardOne(long input, Block block, boolean training) {
        long[] outputs = forward(block, training, new long[] {input});
        if (outputs == null) {
            return 0;
        }
        if (outputs.length == 1) {
            return outputs[0];
        }
        OUTPUTS.set(outputs);
        return SEVERAL;
    }

    /**
     * Returns the outputs of this thread's last {@link #forwardOne} that had several, once.
     *
     * @return their handles
     */
    public static long[] takeOutputs() {
        long[] outputs = OUTPUTS.get();
        OUTPUTS.remove();
        return outputs;
    }

    /**
     * Initializes a block's parameters that have no array yet. If it fails, they have none.
     *
     * @param block the block
     * @param dataType the type of its parameters
     * @param shapes the shapes of its inputs
     * @return true, or false for a failure
     */
    public static boolean initialize(Block block, DataType dataType, long[][] shapes) {
        return Call.forEffect(
                call -> {
                    Shape[] inputs = Arrays.stream(shapes).map(Shape::new).toArray(Shape[]::new);
                    List<Parameter> missing =
                            block.getParameters().values().stream()
                                    .filter(parameter -> !parameter.isInitialized())
                                    .collect(Collectors.toList());
                    // A block may keep arrays of its own that it makes here.
                    NDManager manager = Call.root().newSubManager();
                    try {
                        block.initialize(manager, dataType, inputs);
                    } catch (RuntimeException | Error e) {
                        missing.forEach(Parameter::close);
                        manager.close();
                        throw e;
                    }
                    CLEANER.register(block, manager::close);
                });
    }

    /**
     * Describes a block in DJL's words.
     *
     * @param block the block
     * @return its {@code toString()}, or null for a failure
     */
    public static String describe(Block block) {
        return Call.forObject(call -> block.toString());
    }
}
