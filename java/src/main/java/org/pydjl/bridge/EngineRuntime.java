// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

import java.nio.ByteBuffer;

/** The engine: its start and the facts about it. */
public final class EngineRuntime {

    private EngineRuntime() {}

    /**
     * Loads DJL's PyTorch engine on the libtorch that the system properties name.
     *
     * <p>The first write from a buffer makes libtorch print a warning about a deprecated guard in
     * DJL's JNI library, once per process; it is provoked here, while the caller keeps libtorch's
     * log quiet.
     */
    public static void start() {
        Engine.getEngine("PyTorch");
        try (NDManager manager = Call.root().newSubManager()) {
            NDArray first = manager.create(new Shape(1));
            first.set(ByteBuffer.allocateDirect(Float.BYTES));
        }
    }

    /**
     * Returns DJL's version.
     *
     * @return the version of {@code ai.djl:api}, such as {@code 0.35.1}
     */
    public static String djlVersion() {
        return Engine.getDjlVersion();
    }

    /**
     * Counts what the calls' managers still hold: after any call the same as before it.
     *
     * @return the number of arrays and managers under the bridge's manager
     */
    public static int managedArrays() {
        return Call.root().getManagedArrays().size();
    }
}
