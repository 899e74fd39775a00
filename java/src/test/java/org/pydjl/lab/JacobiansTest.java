// SPDX-License-Identifier: Apache-2.0
package org.pydjl.lab;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import org.junit.Rule;
import org.junit.Test;
import org.pydjl.CleanEngine;
import org.pydjl.PlainJava;

import java.util.Random;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.pydjl.PlainJava.array;
import static org.pydjl.PlainJava.values;

public class JacobiansTest {

    @Rule public final CleanEngine engine = new CleanEngine();

    @Test
    public void autogradGivesTheClosedForms() {
        Random random = new Random(36);
        NDArray x = normal(random, 4, 4 * 5).reshape(4, 4, 5);
        NDArray w = normal(random, 6 * 2, 2 * 3).reshape(6, 2, 2, 3);
        Geometry geometry =
                new Geometry(new long[] {1, 2}, new long[] {1, 0}, new long[] {2, 1}, 2);
        NDArray byInput = Jacobians.byInput(x, w, geometry);
        NDArray byKernel = Jacobians.byKernel(x, w, geometry);
        try (SparseMatrix matrix = Toeplitz.matrix(w, x.getShape(), geometry);
                SparseMatrix windows = Toeplitz.windows(x, w.getShape(), geometry)) {
            assertEquals(matrix.getShape(), byInput.getShape());
            assertArrayEquals(values(matrix.toDense()), values(byInput), 1e-13);
            assertEquals(windows.getShape(), byKernel.getShape());
            assertArrayEquals(values(windows.toDense()), values(byKernel), 1e-13);
        }
    }

    @Test
    public void theDerivativeByACellIsTheElementUnderIt() {
        NDArray x = engine.manager().arange(12f).reshape(1, 3, 4);
        NDArray k = engine.manager().ones(new Shape(1, 1, 2, 2));
        double[] jacobian = values(Jacobians.byKernel(x, k, Geometry.plain(2)));
        for (int n = 0; n < jacobian.length; n++) {
            int output = n / 4;
            int row = output / 3 + n % 4 / 2;
            int column = output % 3 + n % 2;
            assertEquals(4 * row + column, jacobian[n], 0);
        }
    }

    @Test
    public void graphsModesAndManagersStayAsTheyWere() {
        NDArray x = engine.manager().arange(9f).reshape(1, 3, 3);
        NDArray k = engine.manager().ones(new Shape(1, 1, 2, 2));
        k.setRequiresGradient(true);
        for (boolean mode : new boolean[] {true, false}) {
            int before = engine.arrays();
            CleanEngine.inGradMode(
                    mode,
                    () -> {
                        assertFalse(Jacobians.byInput(x, k, Geometry.plain(2)).hasGradient());
                        assertFalse(Jacobians.byKernel(x, k, Geometry.plain(2)).hasGradient());
                    });
            assertEquals(before + 2, engine.arrays());
        }
        assertArrayEquals(new double[4], values(k.getGradient()), 0);
    }

    @Test
    public void anOpenCollectorIsAnError() {
        NDArray x = engine.manager().ones(new Shape(1, 3, 3));
        NDArray k = engine.manager().ones(new Shape(1, 1, 2, 2));
        int before = engine.arrays();
        try (GradientCollector collector =
                engine.manager().getEngine().newGradientCollector()) {
            assertThrows(
                    IllegalStateException.class,
                    () -> Jacobians.byInput(x, k, Geometry.plain(2)));
            assertEquals(before, engine.arrays());
            collector.zeroGradients();
        }
        assertEquals(new Shape(4, 9), Jacobians.byInput(x, k, Geometry.plain(2)).getShape());
    }

    @Test
    public void integersAreRefused() {
        NDArray x = engine.manager().ones(new Shape(1, 3, 3), DataType.INT32);
        NDArray k = engine.manager().ones(new Shape(1, 1, 2, 2), DataType.INT32);
        IllegalArgumentException error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Jacobians.byInput(x, k, Geometry.plain(2)));
        assertEquals(
                "x has the data type int32, but autograd takes floating numbers; convert it with"
                        + " toType.",
                error.getMessage());
    }

    private NDArray normal(Random random, int rows, int columns) {
        double[][] numbers = PlainJava.randomNormal(random, rows, columns);
        return array(engine.manager(), numbers, DataType.FLOAT64);
    }
}
