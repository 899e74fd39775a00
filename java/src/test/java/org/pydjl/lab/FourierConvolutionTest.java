// SPDX-License-Identifier: Apache-2.0
package org.pydjl.lab;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.Rule;
import org.junit.Test;
import org.pydjl.CleanEngine;
import org.pydjl.PlainJava;

import java.util.Random;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.pydjl.PlainJava.array;
import static org.pydjl.PlainJava.values;

public class FourierConvolutionTest {

    @Rule public final CleanEngine engine = new CleanEngine();

    @Test
    public void tableOfFullConvolutions() {
        NDArray x = engine.manager().arange(9f).reshape(3, 3);
        NDArray k = engine.manager().arange(4f).reshape(2, 2);
        double[] table = {0, 0, 1, 2, 0, 5, 11, 11, 6, 23, 29, 23, 12, 32, 37, 24};
        NDArray y = FourierConvolution.convolve(x, k, Mode.FULL);
        assertEquals(new Shape(4, 4), y.getShape());
        assertArrayEquals(table, values(y), 1e-5);
        NDArray exchanged = FourierConvolution.convolve(k, x, Mode.FULL);
        assertArrayEquals(table, values(exchanged), 1e-5);
    }

    @Test
    public void everyModeAgreesWithDirectConvolution() {
        Random random = new Random(22);
        NDArray x =
                array(engine.manager(), PlainJava.randomNormal(random, 5, 8), DataType.FLOAT64);
        NDArray k =
                array(engine.manager(), PlainJava.randomNormal(random, 4, 3), DataType.FLOAT64);
        for (Mode mode : Mode.values()) {
            NDArray plane = FourierConvolution.convolve(x, k, mode);
            NDArray direct = Correlation.convolve(x, k, mode, Geometry.plain(2));
            assertEquals(direct.getShape(), plane.getShape());
            assertArrayEquals(mode.name(), values(direct), values(plane), 1e-12);
            NDArray line = FourierConvolution.convolve(x.flatten(), k.flatten(), mode);
            NDArray byWindows =
                    Correlation.convolve(x.flatten(), k.flatten(), mode, Geometry.plain(1));
            assertArrayEquals(mode.name(), values(byWindows), values(line), 1e-12);
        }
    }

    @Test
    public void onlyTheResultStays() {
        NDArray x = engine.manager().ones(new Shape(3, 4));
        int before = engine.arrays();
        FourierConvolution.convolve(x, x, Mode.SAME);
        assertEquals(before + 1, engine.arrays());
    }

    @Test
    public void integersAreRefused() {
        NDArray x = engine.manager().ones(new Shape(3), DataType.INT32);
        IllegalArgumentException error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> FourierConvolution.convolve(x, x, Mode.FULL));
        assertEquals(
                "x has the data type int32, but a Fourier transform takes float32 or float64;"
                        + " convert it with toType.",
                error.getMessage());
    }
}
