// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;

import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One call from Python: the arrays that it takes over, and the manager of everything temporary.
 *
 * <p>When the call ends, every handle that was taken and every temporary is freed, except results
 * whose handles are given away. A failure does not leave Java as an exception: JPype 1.7.1 keeps
 * the stack frames of each exception that crosses it for ever (1.5 KB each). It is kept for {@link
 * #takeFailure()} instead, and the call returns 0, false or null, which no success returns.
 */
public final class Call {

    private static final NDManager ROOT =
            Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
    private static final ThreadLocal<Throwable> FAILURE = new ThreadLocal<>();

    private final PtNDManager manager;
    private PtNDManager onDevice;

    private Call(PtNDManager manager) {
        this.manager = manager;
        onDevice = manager;
    }

    /**
     * Returns what made this thread's last call fail, once.
     *
     * @return the failure, or null if there is none
     */
    public static Throwable takeFailure() {
        Throwable failure = FAILURE.get();
        FAILURE.remove();
        return failure;
    }

    /** Returns the manager under which every call's own manager stands. */
    static NDManager root() {
        return ROOT;
    }

    /** Runs a body and returns the handle of the array that it computes; 0 if it fails. */
    static long forHandle(Function<Call, NDArray> body) {
        Long handle = forObject(call -> call.release(body.apply(call)));
        return handle == null ? 0 : handle;
    }

    /** Runs a body for its effect; returns false if it fails. */
    static boolean forEffect(Consumer<Call> body) {
        return forObject(
                        call -> {
                            body.accept(call);
                            return true;
                        })
                != null;
    }

    /** Runs a body and returns its result, which must not be null; null if it fails. */
    static <T> T forObject(Function<Call, T> body) {
        try (PtNDManager manager = (PtNDManager) ROOT.newSubManager()) {
            return body.apply(new Call(manager));
        } catch (Throwable failure) { // also an OutOfMemoryError is Python's to report
            keep(failure);
            return null;
        }
    }

    /** Keeps what made this thread's call fail for {@link #takeFailure()}. */
    static void keep(Throwable failure) {
        FAILURE.set(failure);
    }

    /** Wraps a tensor whose handle now belongs to this call. */
    NDArray take(long handle) {
        return new PtNDArray(manager, handle);
    }

    /** Wraps tensors whose handles now belong to this call. */
    NDList take(long[] handles) {
        NDList arrays = new NDList(handles.length);
        for (long handle : handles) {
            arrays.add(take(handle));
        }
        return arrays;
    }

    /**
     * Wraps tensors whose handles now belong to this call, in a manager of the first one's device:
     * there a block makes the arrays that it needs beside its inputs.
     */
    NDList takeOnDevice(long[] handles) {
        NDList arrays = take(handles);
        Device device = arrays.head().getDevice();
        if (!device.equals(manager.getDevice())) {
            onDevice = manager.newSubManager(device);
            arrays.attach(onDevice);
        }
        return arrays;
    }

    /** Gives away the handles of all arrays of a list. */
    long[] release(NDList results) {
        long[] handles = new long[results.size()];
        for (int i = 0; i < handles.length; i++) {
            handles[i] = release(results.get(i));
        }
        return handles;
    }

    /**
     * Gives an array's handle away: this call no longer frees it.
     *
     * <p>An array of another manager (a block may return its own parameter) goes on belonging to
     * it, and one that was given away already (a block may return an array twice) belongs to the
     * caller: of these, the handle of a view is given.
     */
    private long release(NDArray result) {
        NDArray given = result;
        if (result.getManager() != manager && result.getManager() != onDevice) {
            given = result.reshape(result.getShape());
        }
        given.detach();
        NDScope.unregister(given); // one of the user's would free what is given away
        return ((PtNDArray) given).getHandle();
    }
}
