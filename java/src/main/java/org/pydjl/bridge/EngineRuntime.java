// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

import java.lang.ref.Reference;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;

/** The engine: its start and the facts about it. */
public final class EngineRuntime {

    private static final String COUNT_ELSEWHERE = "ai.djl.util.cuda.fork";

    private EngineRuntime() {}

    /**
     * Loads DJL's PyTorch engine on the libtorch that the system properties name.
     *
     * <p>The first write from a buffer makes libtorch print a warning about a deprecated guard in
     * DJL's JNI library, once per process; it is provoked here, while the caller keeps libtorch's
     * log quiet.
     *
     * @throws ClassNotFoundException if this is another DJL
     */
    public static void start() throws ClassNotFoundException {
        if ("cpu".equals(System.getProperty("PYTORCH_FLAVOR"))) {
            lookForNoGpu();
        }
        Engine.getEngine("PyTorch");
        try (NDManager manager = Call.root().newSubManager()) {
            NDArray first = manager.create(new Shape(1));
            first.set(ByteBuffer.allocateDirect(Float.BYTES));
        }
    }

    /**
     * Lets Java's garbage collector run without Python's: JPype 1.7.1 waits for each run of Java's
     * by a reference to garbage, and a reference that is cleared is never waited for.
     *
     * @throws ReflectiveOperationException if this is another JPype
     */
    public static void uncoupleCollectors() throws ReflectiveOperationException {
        Class<?> queue = Class.forName("org.jpype.ref.JPypeReferenceQueue");
        Field sentinel = queue.getDeclaredField("sentinel");
        sentinel.setAccessible(true);
        Object instance = queue.getMethod("getInstance").invoke(null);
        ((Reference<?>) sentinel.get(instance)).clear();
    }

    /**
     * Lets DJL know that there is no GPU. It would look for CUDA by a library of its own, which it
     * unpacks at each start: half of the time that the engine takes.
     */
    private static void lookForNoGpu() throws ClassNotFoundException {
        // Where this is set, DJL leaves counting to another Java, which it starts for it, and loads
        // no library when the class is initialized. Then it is taken back, and nothing is started.
        String before = System.setProperty(COUNT_ELSEWHERE, "true");
        try {
            Class.forName("ai.djl.util.cuda.CudaUtils");
        } finally {
            if (before == null) {
                System.clearProperty(COUNT_ELSEWHERE);
            } else {
                System.setProperty(COUNT_ELSEWHERE, before);
            }
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
