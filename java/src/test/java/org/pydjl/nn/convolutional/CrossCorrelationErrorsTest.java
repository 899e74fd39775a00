// SPDX-License-Identifier: Apache-2.0
package org.pydjl.nn.convolutional;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.pydjl.CleanEngine;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

public class CrossCorrelationErrorsTest {

    @Rule public final CleanEngine engine = new CleanEngine();

    private NDArray x;
    private NDArray k;

    @Before
    public void setUp() {
        x = ones(DataType.FLOAT32, 3, 3);
        k = ones(DataType.FLOAT32, 2, 2);
    }

    @Test
    public void nullIsNamed() {
        assertRefused("x is null, but corr2d needs an NDArray of two dimensions.", null, k);
        assertRefused("k is null, but corr2d needs an NDArray of two dimensions.", x, null);
    }

    @Test
    public void otherNumbersOfDimensionsAreRefused() {
        String expected =
                "%s has the shape %s, but a cross-correlation needs two dimensions (height, width)"
                        + " of at least 1 each.";
        assertRefused(
                String.format(expected, "x", "(1, 3, 3)"), ones(DataType.FLOAT32, 1, 3, 3), k);
        assertRefused(String.format(expected, "k", "(4)"), x, ones(DataType.FLOAT32, 4));
        assertRefused(String.format(expected, "x", "(0, 3)"), ones(DataType.FLOAT32, 0, 3), k);
        assertRefused(String.format(expected, "k", "(2, 0)"), x, ones(DataType.FLOAT32, 2, 0));
    }

    @Test
    public void kernelMustFitIntoTheInput() {
        String expected =
                "The kernel %s does not fit into the input (3, 3); it may be at most as high and as"
                        + " wide.";
        assertRefused(String.format(expected, "(4, 1)"), x, ones(DataType.FLOAT32, 4, 1));
        assertRefused(String.format(expected, "(1, 4)"), x, ones(DataType.FLOAT32, 1, 4));
    }

    @Test
    public void typesWithoutArithmeticAreRefused() {
        assertRefused(
                "x has the data type boolean, but corr2d takes one of [float32, float64, float16,"
                        + " uint8, int32, int8, int64]; convert it with toType.",
                ones(DataType.FLOAT32, 3, 3).toType(DataType.BOOLEAN, false),
                k);
        assertRefused(
                "k has the data type complex64, but corr2d takes one of [float32, float64, float16,"
                        + " uint8, int32, int8, int64]; convert it with toType.",
                x,
                ones(DataType.FLOAT32, 2, 2).toType(DataType.COMPLEX64, false));
    }

    @Test
    public void uint8AndInt8HaveNoCommonType() {
        assertRefused(
                "x has the data type uint8 and k int8, whose product is int16, which DJL does not"
                        + " have; convert one with toType.",
                ones(DataType.UINT8, 3, 3),
                ones(DataType.INT8, 2, 2));
    }

    @Test
    public void twoDevicesAreNamed() {
        NDArray elsewhere = CleanEngine.float32On(Device.gpu(1));
        assertRefused("x is on cpu() and k on gpu(1); move one with toDevice.", x, elsewhere);
    }

    private NDArray ones(DataType type, long... shape) {
        return engine.manager().ones(new Shape(shape), type);
    }

    private void assertRefused(String message, NDArray input, NDArray kernel) {
        int before = engine.arrays();
        IllegalArgumentException error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> CrossCorrelation.corr2d(input, kernel));
        assertEquals(message, error.getMessage());
        assertEquals("arrays left by the refused call", before, engine.arrays());
    }
}
