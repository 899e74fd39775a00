// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.pytorch.engine.PtNDManager;

import java.lang.reflect.Field;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;

/**
 * A manager that keeps no account of its arrays, for arrays that nobody but their maker frees.
 *
 * <p>DJL's managers enter every array into two tables, and strike it out again when it is detached.
 * For the four arrays of a small convolution that takes as long as all else that Java does for it.
 */
final class UntrackedArrays {

    private UntrackedArrays() {}

    /** Makes one below the manager of all calls. */
    static PtNDManager newManager() {
        PtNDManager manager = (PtNDManager) Call.root().newSubManager();
        try {
            for (String table : new String[] {"resources", "tempResources"}) {
                Field field = BaseNDManager.class.getDeclaredField(table);
                field.setAccessible(true);
                field.set(manager, new Nothing());
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this version of DJL keeps arrays otherwise", e);
        }
        return manager;
    }

    /** A table that stays empty, whatever is entered. */
    private static final class Nothing extends ConcurrentHashMap<String, Object> {

        private static final long serialVersionUID = 1L;

        @Override
        public Object put(String uid, Object resource) {
            return null;
        }

        @Override
        public Object compute(
                String uid, BiFunction<? super String, ? super Object, ?> enter) {
            return null;
        }

        @Override
        public Object remove(Object uid) {
            return null;
        }
    }
}
