// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;

import java.lang.ref.Cleaner;
import java.lang.reflect.Field;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A block's parameter whose array is a tensor of Python's.
 *
 * <p>The array lives as long as the parameter, which Java and Python may both still use when the
 * other has dropped it: it is closed when nobody can reach the parameter any more.
 */
public final class BoundParameter {

    private static final Cleaner CLEANER = Cleaner.create();
    private static final Field ARRAY = arrayField();
    private static final long COLLECT_ABOVE = 1L << 25;
    private static final long COLLECT_DELAY_MS = 50;
    private static final AtomicLong DROPPED = new AtomicLong();

    private final Parameter parameter;
    private final AtomicReference<PtNDArray> bound = new AtomicReference<>();

    /**
     * Creates one that has no tensor yet.
     *
     * @param parameter the parameter
     */
    public BoundParameter(Parameter parameter) {
        this.parameter = parameter;
        AtomicReference<PtNDArray> last = bound; // the cleaner must not reach the parameter
        CLEANER.register(parameter, () -> close(last.getAndSet(null)));
    }

    /**
     * Returns the parameter.
     *
     * @return what was given to the constructor
     */
    public Parameter getParameter() {
        return parameter;
    }

    /**
     * Makes a tensor the array of the parameter; the array that it had is closed.
     *
     * @param tensor the handle of the tensor, which from now on belongs to the parameter
     * @param target the parameter
     * @param requiresGradient whether it is learned
     * @return true, or false for a failure
     */
    public static boolean bind(long tensor, BoundParameter target, boolean requiresGradient) {
        return Call.forEffect(
                call -> {
                    PtNDArray array = new BoundArray((PtNDManager) Call.root(), tensor);
                    target.release();
                    target.parameter.freeze(!requiresGradient);
                    target.parameter.setShape(array.getShape());
                    array.setName(target.parameter.getName());
                    target.set(array);
                });
    }

    /**
     * Takes the arrays from parameters, so that they can be initialized anew.
     *
     * @param targets the parameters
     */
    public static void releaseAll(BoundParameter[] targets) {
        for (BoundParameter target : targets) {
            target.release();
        }
    }

    /**
     * Tells whether all parameters still have the tensors that were bound to them: Java may have
     * loaded others, or closed them.
     *
     * @param targets the parameters
     * @return whether none was changed
     */
    public static boolean areIntact(BoundParameter[] targets) {
        for (BoundParameter target : targets) {
            if (!target.isIntact()) {
                return false;
            }
        }
        return true;
    }

    /**
     * Tells whether the parameter still has the tensor that was bound to it.
     *
     * @return whether it was not changed
     */
    public boolean isIntact() {
        PtNDArray array = bound.get();
        NDArray current = parameter.isInitialized() ? parameter.getArray() : null;
        return current == array && (array == null || !array.isReleased());
    }

    /**
     * Returns the array that Java has given the parameter in place of the tensor.
     *
     * @return the array; null if there is none, or if Python bound it to another tensor
     */
    public NDArray replacement() {
        NDArray current = parameter.isInitialized() ? parameter.getArray() : null;
        boolean fromJava = current instanceof PtNDArray && !(current instanceof BoundArray);
        return fromJava && !((PtNDArray) current).isReleased() ? current : null;
    }

    /**
     * Tells that Python has dropped parameters. When they are many megabytes, Java collects its
     * garbage soon: its own heap is so small that it seldom has a reason to.
     *
     * @param bytes their size
     */
    public static void dropped(long bytes) {
        if (DROPPED.addAndGet(bytes) > COLLECT_ABOVE) {
            DROPPED.set(0);
            // Python is just about to let go of the blocks.
            CompletableFuture.delayedExecutor(COLLECT_DELAY_MS, TimeUnit.MILLISECONDS)
                    .execute(System::gc);
        }
    }

    private void release() {
        parameter.close();
        close(bound.getAndSet(null));
    }

    private void set(PtNDArray array) {
        try {
            ARRAY.set(parameter, array);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
        bound.set(array);
    }

    private static void close(PtNDArray array) {
        if (array != null) {
            array.close();
        }
    }

    private static Field arrayField() {
        try {
            // Parameter.setArray refuses to replace an array.
            Field field = Parameter.class.getDeclaredField("array");
            field.setAccessible(true);
            return field;
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException(
                    "this version of DJL keeps a parameter's array elsewhere", e);
        }
    }

    /** A tensor of Python's, to tell it from the arrays that Java makes. */
    private static final class BoundArray extends PtNDArray {

        BoundArray(PtNDManager manager, long handle) {
            super(manager, handle);
        }
    }
}
