// SPDX-License-Identifier: Apache-2.0
package org.pydjl.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.function.ThrowingRunnable;
import org.pydjl.CleanEngine;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

public class KernelLearnerErrorsTest {

    @Rule public final CleanEngine engine = new CleanEngine();

    private NDArray x;
    private NDArray y;

    @Before
    public void setUp() {
        x = ones(DataType.FLOAT32, 6, 8);
        y = ones(DataType.FLOAT32, 6, 7);
    }

    @Test
    public void kernelShapeIsRequired() {
        String expected =
                "The kernel's shape is %s, but learning needs two dimensions (height, width) of at"
                        + " least 1 each; set it with setKernelShape.";
        assertRefused(String.format(expected, "null"), KernelLearner.builder()::build);
        for (Shape shape : new Shape[] {new Shape(2), new Shape(0, 2), new Shape(2, -1)}) {
            assertRefused(
                    String.format(expected, shape),
                    KernelLearner.builder().setKernelShape(shape)::build);
        }
    }

    @Test
    public void learningRateMustBePositiveAndFinite() {
        for (double rate : new double[] {0, -0.4, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertRefused(
                    "The learning rate is " + rate + ", but it must be a positive finite number.",
                    edge().optLearningRate(rate)::build);
        }
    }

    @Test
    public void stepsMustNotBeNegative() {
        assertRefused(
                "The number of steps is -1, but it must not be negative.",
                edge().optSteps(-1)::build);
    }

    @Test
    public void lossIsRequired() {
        assertRefused(
                "The loss is null, but learning needs one; set it with optLoss.",
                edge().optLoss(null)::build);
    }

    @Test
    public void startMustHaveOneWeightForEachCell() {
        assertRefused(
                "The start has the weights [1.0, 2.0, 3.0], but a kernel of shape (1, 2) has 2.",
                edge().optInitial(new double[] {1, 2, 3})::build);
    }

    @Test
    public void nullIsNamed() {
        String expected = "%s is null, but learning needs an input x and an output y.";
        assertLearnRefused(String.format(expected, "x"), null, y);
        assertLearnRefused(String.format(expected, "y"), x, null);
    }

    @Test
    public void bothMustBeOfOneFloatingType() {
        String expected =
                "x has the data type %s and y %s, but both must be float32 or both float64; convert"
                        + " them with toType.";
        assertLearnRefused(
                String.format(expected, "int32", "float32"), ones(DataType.INT32, 6, 8), y);
        assertLearnRefused(
                String.format(expected, "float32", "float64"), x, ones(DataType.FLOAT64, 6, 7));
        assertLearnRefused(
                String.format(expected, "float16", "float16"),
                ones(DataType.FLOAT16, 6, 8),
                ones(DataType.FLOAT16, 6, 7));
    }

    @Test
    public void outputMustHaveTheShapeThatTheKernelGives() {
        assertLearnRefused(
                "y has the shape (6, 8), but the input (6, 8) and the kernel (1, 2) give (6, 7).",
                x,
                ones(DataType.FLOAT32, 6, 8));
        assertLearnRefused(
                "y has the shape (6, 7), but the input (1, 1, 6, 8) and the kernel (1, 2) give"
                        + " (1, 1, 6, 7).",
                x.reshape(1, 1, 6, 8),
                y);
    }

    @Test
    public void onlyOneExampleWithOneChannelIsTaken() {
        String expected =
                "x has the shape %s, but learning takes (height, width) or (1, 1, height, width).";
        assertLearnRefused(
                String.format(expected, "(2, 1, 6, 4)"), ones(DataType.FLOAT32, 2, 1, 6, 4), y);
        assertLearnRefused(String.format(expected, "(48)"), ones(DataType.FLOAT32, 48), y);
    }

    @Test
    public void kernelMustFitIntoTheInput() {
        assertLearnRefused(
                "The kernel (1, 2) does not fit into the input (6, 1); it may be at most as high"
                        + " and as wide.",
                ones(DataType.FLOAT32, 6, 1),
                y);
    }

    @Test
    public void twoDevicesAreNamed() {
        NDArray elsewhere = CleanEngine.float32On(Device.gpu(1));
        assertLearnRefused(
                "x is on cpu() and y on gpu(1); move one with toDevice.", x, elsewhere);
    }

    private static KernelLearner.Builder edge() {
        return KernelLearner.builder().setKernelShape(new Shape(1, 2));
    }

    private NDArray ones(DataType type, long... shape) {
        return engine.manager().ones(new Shape(shape), type);
    }

    private void assertLearnRefused(String message, NDArray input, NDArray output) {
        int arrays = engine.arrays();
        for (boolean mode : new boolean[] {false, true}) {
            CleanEngine.inGradMode(
                    mode, () -> assertRefused(message, () -> edge().build().learn(input, output)));
        }
        assertEquals("arrays left by the refused call", arrays, engine.arrays());
    }

    private static void assertRefused(String message, ThrowingRunnable call) {
        IllegalArgumentException error = assertThrows(IllegalArgumentException.class, call);
        assertEquals(message, error.getMessage());
    }
}
