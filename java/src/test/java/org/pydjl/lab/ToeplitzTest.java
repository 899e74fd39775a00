// SPDX-License-Identifier: Apache-2.0
package org.pydjl.lab;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.Rule;
import org.junit.Test;
import org.pydjl.CleanEngine;
import org.pydjl.PlainJava;
import org.pydjl.nn.convolutional.EdgeDetection;

import java.util.Random;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.pydjl.PlainJava.array;
import static org.pydjl.PlainJava.values;

public class ToeplitzTest {

    private static final double[][] LECTURE = {
        {1, 2, 0, 3, 4, 0, 0, 0, 0},
        {0, 1, 2, 0, 3, 4, 0, 0, 0},
        {0, 0, 0, 1, 2, 0, 3, 4, 0},
        {0, 0, 0, 0, 1, 2, 0, 3, 4},
    };

    @Rule public final CleanEngine engine = new CleanEngine();

    @Test
    public void matrixOfTheLectureAndItsTranspose() {
        NDArray k = engine.manager().create(new float[] {1, 2, 3, 4}, new Shape(2, 2));
        try (SparseMatrix matrix = Toeplitz.matrix(k, new Shape(3, 3), Geometry.plain(2));
                SparseMatrix transposed = matrix.transpose()) {
            assertEquals(new Shape(4, 9), matrix.getShape());
            assertArrayEquals(PlainJava.flatten(LECTURE), values(matrix.toDense()), 0);
            double[] columns = PlainJava.flatten(PlainJava.transpose(LECTURE));
            assertArrayEquals(columns, values(transposed.toDense()), 0);
        }
    }

    @Test
    public void edgeDetectorIsAMatrixOf84Elements() {
        NDArray image = EdgeDetection.image(engine.manager());
        NDArray kernel = EdgeDetection.kernel(engine.manager());
        try (SparseMatrix matrix =
                Toeplitz.matrix(kernel, image.getShape(), Geometry.plain(2))) {
            assertEquals(new Shape(42, 48), matrix.getShape());
            assertEquals(84, matrix.getValues().size());
            double[] row = {0, 1, 0, 0, 0, -1, 0};
            double[] edges = values(matrix.multiply(image));
            for (int i = 0; i < edges.length; i++) {
                assertEquals(row[i % 7], edges[i], 0);
            }
        }
    }

    @Test
    public void transposeGivesTheGradientOfTheInput() {
        Random random = new Random(35);
        double[][] x = PlainJava.randomNormal(random, 5, 7);
        double[][] k = PlainJava.randomNormal(random, 2, 3);
        double[][] g = PlainJava.randomNormal(random, 4, 5);
        NDArray kernel = array(engine.manager(), k, DataType.FLOAT64);
        NDArray input = array(engine.manager(), x, DataType.FLOAT64);
        NDArray output = array(engine.manager(), g, DataType.FLOAT64);
        try (SparseMatrix matrix = Toeplitz.matrix(kernel, new Shape(5, 7), Geometry.plain(2));
                SparseMatrix transposed = matrix.transpose();
                SparseMatrix windows =
                        Toeplitz.windows(input, new Shape(2, 3), Geometry.plain(2))) {
            double[] y = PlainJava.flatten(PlainJava.corr2d(x, k));
            assertArrayEquals(y, values(matrix.multiply(input)), 1e-12);
            assertArrayEquals(y, values(windows.multiply(kernel)), 1e-12);
            double[] gradient = PlainJava.flatten(PlainJava.inputGradient(x, k, g));
            assertArrayEquals(gradient, values(transposed.multiply(output)), 1e-12);
        }
    }

    @Test
    public void windowsAreThoseOfExerciseThree() {
        NDArray x = engine.manager().arange(9f).reshape(3, 3);
        try (SparseMatrix windows = Toeplitz.windows(x, new Shape(2, 2), Geometry.plain(2))) {
            double[] rows = {0, 1, 3, 4, 1, 2, 4, 5, 3, 4, 6, 7, 4, 5, 7, 8};
            assertArrayEquals(rows, values(windows.toDense()), 0);
        }
    }

    @Test
    public void nothingStaysButResults() {
        NDArray k = engine.manager().ones(new Shape(4, 1, 2, 2));
        NDArray x = engine.manager().ones(new Shape(2, 3, 3));
        int before = engine.arrays();
        Geometry grouped = Geometry.plain(2).withGroups(2);
        try (SparseMatrix matrix = Toeplitz.matrix(k, x.getShape(), grouped)) {
            assertEquals(before + 2, engine.arrays());
            matrix.multiply(x).close();
            matrix.toDense().close();
            matrix.transpose().close();
            assertEquals(before + 2, engine.arrays());
        }
        assertEquals(before, engine.arrays());
    }

    @Test
    public void moreElementsThanFloat32CountsExactly() {
        int size = (1 << 24) + 3;
        NDArray k = engine.manager().ones(new Shape(1), DataType.UINT8);
        try (SparseMatrix matrix = Toeplitz.matrix(k, new Shape(size), Geometry.plain(1))) {
            assertEquals(size, matrix.getValues().size());
            long[] last = matrix.getIndices().get(":, -3:").toLongArray();
            assertArrayEquals(
                    new long[] {size - 3, size - 2, size - 1, size - 3, size - 2, size - 1}, last);
        }
    }

    @Test
    public void impossibleArgumentsAreNamed() {
        NDArray k = engine.manager().ones(new Shape(2, 2));
        final int before = engine.arrays();
        assertRefused(
                "The kernel (2, 2) with dilation [1, 1] does not fit into the input (3, 1) with"
                        + " padding [0, 0]: take a smaller one, or more padding.",
                () -> Toeplitz.matrix(k, new Shape(3, 1), Geometry.plain(2)));
        try (SparseMatrix matrix = Toeplitz.matrix(k, new Shape(3, 3), Geometry.plain(2))) {
            assertRefused(
                    "The vector has the shape (2, 2), but the matrix (4, 9) takes 9 elements.",
                    () -> matrix.multiply(k));
            assertRefused(
                    "16 values of a matrix of shape (4, 9) have indices of shape (2, 2), but (2,"
                            + " 16) is needed.",
                    () -> new SparseMatrix(k, matrix.getValues(), new Shape(4, 9)));
        }
        assertEquals(before, engine.arrays());
    }

    private static void assertRefused(String message, Runnable action) {
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, action::run);
        assertEquals(message, error.getMessage());
    }
}
