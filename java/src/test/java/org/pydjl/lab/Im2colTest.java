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

public class Im2colTest {

    @Rule public final CleanEngine engine = new CleanEngine();

    private final Random random = new Random(3);

    @Test
    public void exerciseThree() {
        NDArray x = engine.manager().arange(9f).reshape(1, 1, 3, 3);
        NDArray columns = Im2col.columns(x, new Shape(2, 2), Geometry.plain(2));
        assertEquals(new Shape(1, 4, 4), columns.getShape());
        double[] windows = {0, 1, 3, 4, 1, 2, 4, 5, 3, 4, 6, 7, 4, 5, 7, 8};
        assertArrayEquals(windows, values(columns.squeeze(0).transpose()), 0);
        NDArray k = engine.manager().arange(4f).reshape(1, 4);
        assertArrayEquals(new double[] {19, 25, 37, 43}, values(k.matMul(columns)), 0);
    }

    @Test
    public void productIsDjlsConvolution() {
        NDArray x = normal(2 * 4, 5 * 6).reshape(2, 4, 5, 6);
        NDArray w = normal(6 * 2, 2 * 3).reshape(6, 2, 2, 3);
        NDArray b = normal(1, 6).reshape(6);
        Geometry geometry =
                new Geometry(new long[] {2, 1}, new long[] {1, 2}, new long[] {1, 2}, 2);
        NDArray expected = Operands.layer(x, w, b, geometry);
        NDArray y = Im2col.convolution(x, w, b, geometry);
        assertEquals(expected.getShape(), y.getShape());
        assertArrayEquals(values(expected), values(y), 1e-12);
    }

    @Test
    public void channelsOfWhatTheChapterLeadsOnTo() {
        NDArray nine = engine.manager().arange(9f);
        NDArray x = nine.concat(nine.add(1)).reshape(1, 2, 3, 3);
        NDArray first = engine.manager().create(new float[] {0, 1, 2, 3, 1, 2, 3, 4});
        NDArray w = first.concat(first.add(1)).concat(first.add(2)).reshape(3, 2, 2, 2);
        NDArray y = Im2col.convolution(x, w, null, Geometry.plain(2));
        double[] expected = {56, 72, 104, 120, 76, 100, 148, 172, 96, 128, 192, 224};
        assertArrayEquals(expected, values(y), 0);
    }

    @Test
    public void oneCellIsAMatrixProductOverChannels() {
        NDArray x = normal(2 * 3, 4 * 5).reshape(2, 3, 4, 5);
        NDArray w = normal(6, 3);
        NDArray b = normal(1, 6).reshape(6);
        NDArray expected = Operands.layer(x, w.reshape(6, 3, 1, 1), b, Geometry.plain(2));
        NDArray y = Im2col.pointwise(x, w, b);
        assertEquals(expected.getShape(), y.getShape());
        assertArrayEquals(values(expected), values(y), 1e-12);
    }

    @Test
    public void onlyTheResultsStay() {
        NDArray x = engine.manager().ones(new Shape(1, 2, 3, 4));
        NDArray w = engine.manager().ones(new Shape(2, 2, 1, 1));
        NDArray b = engine.manager().ones(new Shape(2));
        final NDArray matrix = w.reshape(2, 2);
        int before = engine.arrays();
        Geometry padded = Geometry.plain(2).withPadding(new long[] {1, 0});
        Im2col.columns(x, new Shape(2, 2), padded);
        assertEquals(before + 1, engine.arrays());
        Im2col.convolution(x, w, b, padded);
        assertEquals(before + 2, engine.arrays());
        Im2col.pointwise(x, matrix, b);
        assertEquals(before + 3, engine.arrays());
    }

    @Test
    public void shapesThatDoNotFitAreNamed() {
        NDArray x = engine.manager().ones(new Shape(1, 2, 3, 4));
        assertRefused(
                "The input (1, 2, 3, 4) does not fit the kernels (2, 3, 1, 1) with groups=1 and 2"
                        + " dimension(s): (C_in, ...) and (C_out, C_in / groups, ...) are needed.",
                () ->
                        Im2col.convolution(
                                x,
                                engine.manager().ones(new Shape(2, 3, 1, 1)),
                                null,
                                Geometry.plain(2)));
        assertRefused(
                "The input (1, 2, 3, 4) does not fit the matrix (2, 3): (N, C_in, ...) and (C_out,"
                        + " C_in) are needed.",
                () -> Im2col.pointwise(x, engine.manager().ones(new Shape(2, 3)), null));
        assertRefused(
                "The input has the shape (1, 2, 3, 4), but (N, C, ...) with 1 more dimension(s) is"
                        + " needed.",
                () -> Im2col.columns(x, new Shape(2), Geometry.plain(1)));
    }

    private NDArray normal(int rows, int columns) {
        double[][] numbers = PlainJava.randomNormal(random, rows, columns);
        return array(engine.manager(), numbers, DataType.FLOAT64);
    }

    private static void assertRefused(String message, Runnable action) {
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, action::run);
        assertEquals(message, error.getMessage());
    }
}
