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
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** Any DJL block, driven from Python: its start and its forward pass. */
public final class Blocks {

    private static final Cleaner CLEANER = Cleaner.create();
    // What was computed and not yet taken, by tickets. Not the thread's last: a signal handler of
    // Python's may run blocks between a call and the taking of its outputs.
    private static final Map<Long, long[]> OUTPUTS = new ConcurrentHashMap<>();
    private static final AtomicLong TICKETS = new AtomicLong();

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
     * @return the handle of the output; for several a negative number, for which {@link
     *     #takeOutputs} gives them; 0 for a failure
     */
    public static long forwardOne(long input, Block block, boolean training) {
        long[] outputs = forward(block, training, new long[] {input});
        if (outputs == null) {
            return 0;
        }
        if (outputs.length == 1) {
            return outputs[0];
        }
        long ticket = TICKETS.decrementAndGet();
        OUTPUTS.put(ticket, outputs);
        return ticket;
    }

    /**
     * Returns the outputs of a call of {@link #forwardOne}, once.
     *
     * @param ticket what that call returned
     * @return their handles
     */
    public static long[] takeOutputs(long ticket) {
        return OUTPUTS.remove(ticket);
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
