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
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertThrows;
import static org.pydjl.PlainJava.array;
import static org.pydjl.PlainJava.values;

public class CorrelationTest {

    @Rule public final CleanEngine engine = new CleanEngine();

    private final Random random = new Random(22);

    @Test
    public void figureAndItsTrueConvolution() {
        NDArray x = numbers(9).reshape(3, 3);
        NDArray k = numbers(4).reshape(2, 2);
        assertValues(Correlation.correlate(x, k, Mode.VALID, Geometry.plain(2)), 19, 25, 37, 43);
        assertValues(Correlation.convolve(x, k, Mode.VALID, Geometry.plain(2)), 5, 11, 23, 29);
    }

    @Test
    public void fullConvolutionCommutesAndFullCorrelationDoesNot() {
        NDArray x = numbers(9).reshape(3, 3);
        NDArray k = numbers(4).reshape(2, 2);
        Geometry plain = Geometry.plain(2);
        double[] table = {0, 0, 1, 2, 0, 5, 11, 11, 6, 23, 29, 23, 12, 32, 37, 24};
        assertValues(Correlation.convolve(x, k, Mode.FULL, plain), table);
        assertValues(Correlation.convolve(k, x, Mode.FULL, plain), table);
        double[] correlated = {0, 3, 8, 4, 9, 19, 25, 10, 21, 37, 43, 16, 6, 7, 8, 0};
        double[] turned = {0, 8, 7, 6, 16, 43, 37, 21, 10, 25, 19, 9, 4, 8, 3, 0};
        assertValues(Correlation.correlate(x, k, Mode.FULL, plain), correlated);
        assertValues(Correlation.correlate(k, x, Mode.FULL, plain), turned);
    }

    @Test
    public void strideWithPaddingOnTheFigure() {
        Geometry geometry =
                new Geometry(new long[] {3, 2}, new long[] {1, 1}, new long[] {1, 1}, 1);
        NDArray x = numbers(9).reshape(3, 3);
        NDArray k = numbers(4).reshape(2, 2);
        assertValues(Correlation.correlate(x, k, Mode.VALID, geometry), 0, 8, 6, 8);
    }

    @Test
    public void sameIsTheMiddleAsInSciPy() {
        NDArray x = engine.manager().create(new float[] {3, 1, 4, 1, 5});
        NDArray k = engine.manager().create(new float[] {1, 10});
        Geometry plain = Geometry.plain(1);
        // scipy.signal.correlate and convolve
        assertValues(Correlation.correlate(x, k, Mode.SAME, plain), 30, 13, 41, 14, 51);
        assertValues(Correlation.convolve(x, k, Mode.SAME, plain), 3, 31, 14, 41, 15);
        // scipy.signal.correlate2d and convolve2d
        NDArray row = x.reshape(1, 5);
        NDArray kernel = k.reshape(1, 2);
        Geometry plane = Geometry.plain(2);
        assertValues(Correlation.correlate(row, kernel, Mode.SAME, plane), 13, 41, 14, 51, 5);
        assertValues(Correlation.convolve(row, kernel, Mode.SAME, plane), 3, 31, 14, 41, 15);
    }

    @Test
    public void randomPlanesAgreeWithThePlainLoop() {
        double[][] x = PlainJava.randomNormal(random, 6, 9);
        double[][] k = PlainJava.randomNormal(random, 2, 4);
        NDArray y =
                Correlation.correlate(
                        array(engine.manager(), x, DataType.FLOAT64),
                        array(engine.manager(), k, DataType.FLOAT64),
                        Mode.VALID,
                        Geometry.plain(2));
        assertEquals(new Shape(5, 6), y.getShape());
        assertArrayEquals(PlainJava.flatten(PlainJava.corr2d(x, k)), values(y), 1e-13);
    }

    @Test
    public void integersAreDilatedToo() {
        Geometry apart =
                new Geometry(new long[] {1, 1}, new long[] {0, 0}, new long[] {2, 1}, 1);
        NDArray x = numbers(12).reshape(3, 4).toType(DataType.INT32, false);
        NDArray k = numbers(4).reshape(2, 2).toType(DataType.INT32, false);
        NDArray y = Correlation.correlate(x, k, Mode.VALID, apart);
        assertEquals(DataType.INT32, y.getDataType());
        // 0*0 + 1*1 + 8*2 + 9*3, ...
        assertValues(y, 44, 50, 56);
    }

    @Test
    public void onlyTheResultStaysAndItBelongsToTheManagerOfTheInput() {
        NDArray x = numbers(9).reshape(3, 3);
        NDArray k = numbers(4).reshape(2, 2);
        int before = engine.arrays();
        NDArray y = Correlation.convolve(x, k, Mode.SAME, Geometry.plain(2));
        assertEquals(before + 1, engine.arrays());
        assertSame(x.getManager(), y.getManager());
        NDArray squared = Correlation.correlate(x, x, Mode.FULL, Geometry.plain(2));
        assertEquals(before + 2, engine.arrays());
        assertEquals(204, squared.getFloat(2, 2), 0);
        assertEquals(8, x.getFloat(2, 2), 0);
    }

    @Test
    public void impossibleArgumentsAreNamed() {
        NDArray x = numbers(9).reshape(3, 3);
        assertRefused("x is null, but an NDArray is needed.", null, x, Geometry.plain(2));
        assertRefused(
                "The kernel (4, 1) with dilation [1, 1] does not fit into the input (3, 3) with"
                        + " padding [0, 0]: take a smaller one, or more padding.",
                x,
                numbers(4).reshape(4, 1),
                Geometry.plain(2));
        assertRefused(
                "x has the shape (3, 3) and k (4), but both need the same 1 or 2 dimensions, of at"
                        + " least 1 each.",
                x,
                numbers(4),
                Geometry.plain(2));
        assertRefused(
                "x has the data type float32 and k int32, but one type of real numbers is needed;"
                        + " convert them with toType.",
                x,
                x.toType(DataType.INT32, false),
                Geometry.plain(2));
        assertRefused(
                "groups is 3, but lines and planes have one channel.",
                x,
                x,
                Geometry.plain(2).withGroups(3));
    }

    private void assertRefused(String message, NDArray x, NDArray k, Geometry geometry) {
        int before = engine.arrays();
        IllegalArgumentException error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Correlation.correlate(x, k, Mode.VALID, geometry));
        assertEquals(message, error.getMessage());
        assertEquals("arrays left by the refused call", before, engine.arrays());
    }

    private NDArray numbers(int count) {
        return engine.manager().arange((float) count);
    }

    private static void assertValues(NDArray array, double... expected) {
        assertArrayEquals(expected, values(array), 0);
    }
}
