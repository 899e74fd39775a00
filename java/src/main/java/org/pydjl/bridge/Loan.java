// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;

import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/**
 * One operation on tensors that Python lends: they are not freed here, and nothing may keep them.
 *
 * <p>This is for operations that make one array and nothing beside it, which then cost neither a
 * manager nor handles of their own: half of what a small one takes. What makes temporaries is a
 * {@link Call}, and so is what may return its own operand.
 */
final class Loan {

    private static final PtNDManager MANAGER = UntrackedArrays.newManager();

    private Loan() {}

    /** Runs an operation on one tensor; returns the handle of its result, 0 if it fails. */
    static long forHandle(long handle, UnaryOperator<NDArray> operation) {
        PtNDArray x = lent(handle);
        try {
            return give(operation.apply(x), x, x, x);
        } catch (Throwable failure) {
            Call.keep(failure);
            return 0;
        }
    }

    /** Runs an operation on two tensors; returns the handle of its result, 0 if it fails. */
    static long forHandle(long first, long second, BinaryOperator<NDArray> operation) {
        PtNDArray a = lent(first);
        PtNDArray b = lent(second);
        try {
            return give(operation.apply(a, b), a, b, b);
        } catch (Throwable failure) {
            Call.keep(failure);
            return 0;
        }
    }

    /** Runs an operation on three tensors; returns the handle of its result, 0 if it fails. */
    static long forHandle(long first, long second, long third, TernaryOperator operation) {
        PtNDArray a = lent(first);
        PtNDArray b = lent(second);
        PtNDArray c = lent(third);
        try {
            return give(operation.apply(a, b, c), a, b, c);
        } catch (Throwable failure) {
            Call.keep(failure);
            return 0;
        }
    }

    private static PtNDArray lent(long handle) {
        PtNDArray array = new PtNDArray(MANAGER, handle);
        NDScope.unregister(array); // a scope of the user's would free what is Python's
        return array;
    }

    private static long give(NDArray result, NDArray a, NDArray b, NDArray c) {
        if (result == a || result == b || result == c) { // its handle is Python's already
            throw new IllegalStateException("an operation returned the array that it was lent");
        }
        NDScope.unregister(result);
        return ((PtNDArray) result).getHandle();
    }

    /** An operation on three arrays. */
    @FunctionalInterface
    interface TernaryOperator {
        /** Applies it. */
        NDArray apply(NDArray first, NDArray second, NDArray third);
    }
}
