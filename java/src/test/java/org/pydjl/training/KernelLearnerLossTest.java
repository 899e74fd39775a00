// SPDX-License-Identifier: Apache-2.0
package org.pydjl.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.pydjl.CleanEngine;
import org.pydjl.PlainJava;
import org.pydjl.nn.convolutional.CrossCorrelation;
import org.pydjl.nn.convolutional.EdgeDetection;

import java.util.Random;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;
import static org.pydjl.PlainJava.array;
import static org.pydjl.PlainJava.flatten;

public class KernelLearnerLossTest {

    private static final double[] BOOK_START = {0.002919, -0.007190};

    @Rule public final CleanEngine engine = new CleanEngine();

    private final Random random = new Random(6_2_4);
    private NDArray x;
    private NDArray y;

    @Before
    public void setUp() {
        x = EdgeDetection.image(engine.manager());
        y = CrossCorrelation.corr2d(x, EdgeDetection.kernel(engine.manager()));
    }

    @Test
    public void sumOfSquaresGivesTheLossesOfTheJaxEdition() {
        LearnedKernel learned =
                edge()
                        .optLoss(SquaredError.SUM)
                        .optLearningRate(0.03)
                        .optInitial(new double[] {.0079916, .0238817})
                        .build()
                        .learn(x, y);
        double[] printed = {5.003, .842, .142, .024, .004};
        for (int i = 0; i < printed.length; i++) {
            assertEquals("step " + 2 * (i + 1), printed[i], learned.getLosses()[2 * i + 1], 5e-4);
        }
        assertArrayEquals(new double[] {.99009, -.98667}, learned.getWeight(), 5e-6);
        assertEquals(0, learned.getBiases().length);
    }

    @Test
    public void biasIsLearnedBesideTheKernelAsByPlainGradientDescent() {
        double[][] image = PlainJava.randomNormal(random, 5, 8);
        double[][] target = PlainJava.randomNormal(random, 4, 6);
        double[][] w = PlainJava.randomNormal(random, 2, 3);
        double bias = 0.75;
        LearnedKernel learned =
                KernelLearner.builder()
                        .setKernelShape(new Shape(2, 3))
                        .optLearningRate(0.003)
                        .optSteps(4)
                        .optLoss(SquaredError.SUM)
                        .optInitial(flatten(w))
                        .optInitialBias(bias)
                        .build()
                        .learn(
                                array(engine.manager(), image, DataType.FLOAT64),
                                array(engine.manager(), target, DataType.FLOAT64));
        assertEquals(5, learned.getPath().length);
        for (int step = 0; step < 4; step++) {
            assertArrayEquals(flatten(w), learned.getPath()[step], 1e-13);
            assertEquals(bias, learned.getBiases()[step], 1e-13);
            double[][] error = PlainJava.minus(PlainJava.corr2d(image, w), target);
            double squares = 0;
            double sum = 0;
            for (double[] row : error) {
                for (int j = 0; j < row.length; j++) {
                    row[j] += bias;
                    squares += row[j] * row[j];
                    sum += row[j];
                }
            }
            assertEquals(squares, learned.getLosses()[step], 1e-11);
            double[][] gradient = PlainJava.times(PlainJava.corr2d(image, error), 2);
            w = PlainJava.minus(w, PlainJava.times(gradient, 0.003));
            bias -= 0.003 * 2 * sum;
        }
        assertArrayEquals(flatten(w), learned.getWeight(), 1e-13);
        assertEquals(bias, learned.getBiases()[4], 1e-13);
    }

    @Test
    public void pathBeginsWithTheStartAndEndsWithTheKernel() {
        LearnedKernel learned = edge().optInitial(BOOK_START).build().learn(x, y);
        assertEquals(11, learned.getPath().length);
        assertArrayEquals(learned.getInitial(), learned.getPath()[0], 0);
        assertArrayEquals(learned.getWeight(), learned.getPath()[10], 0);
        LearnedKernel shorter = edge().optSteps(4).optInitial(BOOK_START).build().learn(x, y);
        assertArrayEquals(shorter.getWeight(), learned.getPath()[4], 0);
        learned.getPath()[10][0] = 5;
        assertNotEquals(5, learned.getWeight()[0], 0);
    }

    private static KernelLearner.Builder edge() {
        return KernelLearner.builder().setKernelShape(new Shape(1, 2));
    }
}
