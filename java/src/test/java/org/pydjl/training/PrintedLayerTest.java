// SPDX-License-Identifier: Apache-2.0
package org.pydjl.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.Rule;
import org.junit.Test;
import org.pydjl.CleanEngine;
import org.pydjl.PlainJava;
import org.pydjl.nn.convolutional.CrossCorrelation;
import org.pydjl.nn.convolutional.EdgeDetection;

import java.util.Random;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.pydjl.PlainJava.array;
import static org.pydjl.PlainJava.flatten;
import static org.pydjl.PlainJava.values;

public class PrintedLayerTest {

    @Rule public final CleanEngine engine = new CleanEngine();

    private final Random random = new Random(6_2_7);

    @Test
    public void gradientsOnTheEdgeImageAreThoseOfTheInventory() {
        NDArray x = EdgeDetection.image(engine.manager());
        NDArray y = CrossCorrelation.corr2d(x, EdgeDetection.kernel(engine.manager()));
        NDArray w = engine.manager().create(new float[] {.01f, -.02f}, new Shape(1, 2));
        NDList results =
                PrintedLayer.gradients(x, y, w, engine.manager().zeros(new Shape(1)), true);
        assertEquals(.1386214, values(results.get(0))[0], 5e-8);
        assertArrayEquals(new double[] {-.1442857, .1371428}, values(results.get(2)), 6e-8);
        assertEquals(-.0042857, values(results.get(3))[0], 3e-8);
    }

    @Test
    public void allThreeGradientsAreRightForARandomKernel() {
        double[][] image = PlainJava.randomNormal(random, 5, 7);
        double[][] target = PlainJava.randomNormal(random, 4, 5);
        double[][] kernel = PlainJava.randomNormal(random, 2, 3);
        NDList results = gradients(image, target, kernel, true);
        double[][] error = PlainJava.minus(PlainJava.corr2d(image, kernel), target);
        double[][] byInput = new double[5][7];
        double sum = 0;
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 5; j++) {
                double residual = (error[i][j] + 0.5) / 20;
                sum += residual;
                error[i][j] = residual;
                for (int p = 0; p < 2; p++) {
                    for (int q = 0; q < 3; q++) {
                        byInput[i + p][j + q] += residual * kernel[p][q];
                    }
                }
            }
        }
        assertArrayEquals(flatten(byInput), values(results.get(1)), 1e-14);
        double[] byKernel = flatten(PlainJava.corr2d(image, error));
        assertArrayEquals(byKernel, values(results.get(2)), 1e-14);
        assertEquals(sum, values(results.get(3))[0], 1e-14);
    }

    @Test
    public void outsideOfACollectorTheyAreSilentlyZero() {
        double[][] image = PlainJava.randomNormal(random, 4, 5);
        double[][] target = PlainJava.randomNormal(random, 3, 4);
        NDList results = gradients(image, target, PlainJava.randomNormal(random, 2, 2), false);
        assertTrue(values(results.get(0))[0] > 0);
        for (NDArray gradient : results.subNDList(1)) {
            for (double value : values(gradient)) {
                assertEquals(0, value, 0);
            }
        }
    }

    @Test
    public void eachMistakeHasItsMessage() {
        assertMessage(
                GradientMistake.NOTHING_REQUIRES_A_GRADIENT,
                "element 0 of tensors does not require grad");
        assertMessage(GradientMistake.NO_GRADIENT_WAS_ATTACHED, "No gradient attached");
        assertMessage(
                GradientMistake.UPDATE_WHILE_RECORDING,
                "a leaf Variable that requires grad is being used in an in-place operation");
        assertMessage(
                GradientMistake.SECOND_COLLECTOR, "A PtGradientCollector is already collecting");
    }

    private NDList gradients(
            double[][] image, double[][] target, double[][] kernel, boolean collecting) {
        return PrintedLayer.gradients(
                array(engine.manager(), image, DataType.FLOAT64),
                array(engine.manager(), target, DataType.FLOAT64),
                array(engine.manager(), kernel, DataType.FLOAT64),
                engine.manager().full(new Shape(1), 0.5f, DataType.FLOAT64),
                collecting);
    }

    private void assertMessage(GradientMistake mistake, String words) {
        int arrays = engine.arrays();
        String message = mistake.message(engine.manager());
        assertTrue(message, message.contains(words));
        assertEquals("arrays left", arrays, engine.arrays());
    }
}
