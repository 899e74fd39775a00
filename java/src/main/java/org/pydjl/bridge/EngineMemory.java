// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.NativeResource;

import java.lang.reflect.Field;
import java.util.IdentityHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Gives every array that a thread makes of Java data memory of libtorch's own.
 *
 * <p>DJL lets such an array ({@code manager.create(2f)}, and with it {@code x.mul(2)}) use a Java
 * buffer that ends with the array. Autograd keeps the tensor for the backward pass, when the
 * buffer may be gone: the gradients would be wrong, silently and seldom.
 */
final class EngineMemory {

    private static final Field REGISTERED = field(NDScope.class, "resources");
    private static final Field BUFFER = field(PtNDArray.class, "dataRef");
    private static final Field HANDLE = field(NativeResource.class, "handle");

    private EngineMemory() {}

    /** Runs a body in which no array keeps a Java buffer, and returns its result. */
    static <T> T during(Supplier<T> body) {
        // A scope of DJL's is told of every array at the end of the array's constructor.
        NDScope scope = new NDScope();
        try {
            REGISTERED.set(scope, new Mover());
            return body.get();
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        } finally {
            scope.close();
        }
    }

    private static Field field(Class<?> owner, String name) {
        try {
            Field field = owner.getDeclaredField(name);
            field.setAccessible(true);
            return field;
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("this version of DJL has no " + owner + "." + name, e);
        }
    }

    /** Copies an array out of its Java buffer when it is registered, and registers nothing. */
    private static final class Mover extends IdentityHashMap<NDArray, NDArray> {

        private static final long serialVersionUID = 1L;

        Mover() {
            super(1);
        }

        @Override
        public NDArray put(NDArray array, NDArray same) {
            try {
                if (array instanceof PtNDArray && BUFFER.get(array) != null) {
                    move((PtNDArray) array);
                }
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(e);
            }
            return null;
        }

        private static void move(PtNDArray array) throws IllegalAccessException {
            PtNDArray copy = JniUtils.clone(array);
            copy.detach();
            // Each takes the other's handle, and the copy is closed with the buffer's.
            long moved = swap(copy, array.getHandle());
            swap(array, moved);
            BUFFER.set(array, null);
            copy.close();
        }

        @SuppressWarnings("unchecked")
        private static long swap(PtNDArray array, long handle) throws IllegalAccessException {
            return ((AtomicReference<Long>) HANDLE.get(array)).getAndSet(handle);
        }
    }
}
