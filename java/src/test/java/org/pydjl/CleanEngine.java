// SPDX-License-Identifier: Apache-2.0
package org.pydjl;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.jni.JniUtils;
import org.junit.rules.ExternalResource;

import java.lang.reflect.Proxy;
import java.util.Map;

import static org.junit.Assert.assertEquals;

/**
 * Gives a test a manager on the CPU, and fails the test if it leaves an array outside that manager
 * or another grad mode than it found.
 */
public final class CleanEngine extends ExternalResource {

    private NDManager manager;
    private int outside;
    private boolean gradMode;

    public NDManager manager() {
        return manager;
    }

    /** The arrays that are alive in the test's manager and the managers below it. */
    public int arrays() {
        return manager.getManagedArrays().size();
    }

    /** Runs something in a grad mode, and asserts that it keeps that mode. */
    public static void inGradMode(boolean mode, Runnable action) {
        boolean before = JniUtils.isGradMode();
        JniUtils.setGradMode(mode);
        try {
            action.run();
            assertEquals("grad mode", mode, JniUtils.isGradMode());
        } finally {
            JniUtils.setGradMode(before);
        }
    }

    /** Something that says it is a float32 array on that device, which need not be there. */
    public static NDArray float32On(Device device) {
        Map<String, Object> answers =
                Map.of("getDataType", DataType.FLOAT32, "getDevice", device);
        return (NDArray)
                Proxy.newProxyInstance(
                        NDArray.class.getClassLoader(),
                        new Class<?>[] {NDArray.class},
                        (proxy, method, args) -> answers.get(method.getName()));
    }

    @Override
    protected void before() {
        manager = Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
        outside = everywhere();
        gradMode = JniUtils.isGradMode();
    }

    @Override
    protected void after() {
        boolean gradModeAfter = JniUtils.isGradMode();
        JniUtils.setGradMode(gradMode);
        int outsideAfter = everywhere() - arrays();
        manager.close();
        assertEquals("grad mode after the test", gradMode, gradModeAfter);
        assertEquals("arrays outside the test's manager", outside, outsideAfter);
    }

    private int everywhere() {
        return manager.getParentManager().getManagedArrays().size();
    }
}
