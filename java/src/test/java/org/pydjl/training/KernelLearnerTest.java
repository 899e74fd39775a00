// SPDX-License-Identifier: Apache-2.0
package org.pydjl.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.pydjl.CleanEngine;
import org.pydjl.PlainJava;
import org.pydjl.nn.convolutional.CrossCorrelation;
import org.pydjl.nn.convolutional.EdgeDetection;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;
import static org.pydjl.PlainJava.array;
import static org.pydjl.PlainJava.flatten;
import static org.pydjl.PlainJava.values;

public class KernelLearnerTest {

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
    public void chaptersLossesAndKernelComeOutToTheLastPrintedDigit() {
        LearnedKernel learned = edge().optInitial(BOOK_START).build().learn(x, y);
        double[] losses = learned.getLosses();
        double[] printed = {0.12571818, 0.09935227, 0.07851635, 0.06205021, 0.04903732};
        for (int i = 0; i < printed.length; i++) {
            assertEquals("batch " + 2 * (i + 1), printed[i], losses[2 * i + 1], 7.5e-9);
        }
        assertArrayEquals(new double[] {0.4475203, -0.4476680}, learned.getWeight(), 5e-8);
        assertEquals(0.002919f, learned.getInitial()[0], 0);
        assertEquals(-0.007190f, learned.getInitial()[1], 0);
    }

    @Test
    public void fromZeroTheLossesAreThoseOfTheInventory() {
        double[] expected = {
            .142857143, .126997085, .112897816, .100363855, .089221419,
            .079316020, .070510323, .062682238, .055723231, .049536815,
        };
        LearnedKernel learned = edge().optInitial(new double[2]).build().learn(x64(), y64());
        assertArrayEquals(expected, learned.getLosses(), 5e-10);
        assertArrayEquals(new double[] {.444787858, -.444787858}, learned.getWeight(), 5e-10);
    }

    @Test
    public void accumulatedGradientsOscillateWithoutDamping() {
        double[] expected = {
            .142857, .126997, .098850, .064759, .032403,
            .009073, .0000255, .007299, .029254, .060945,
        };
        LearnedKernel learned =
                edge()
                        .optInitial(new double[2])
                        .optAccumulateGradients(true)
                        .build()
                        .learn(x64(), y64());
        assertArrayEquals(expected, learned.getLosses(), 5e-7);
        assertArrayEquals(new double[] {1.816466, -1.816466}, learned.getWeight(), 5e-7);
    }

    @Test
    public void kernelIsLearnedOnlyLongAfterTheTenthStep() {
        double[] losses =
                edge().optSteps(50).optInitial(new double[2]).build().learn(x, y).getLosses();
        // losses[t] is the loss after t updates.
        assertTrue(losses[42] >= 1e-3);
        assertTrue(losses[43] < 1e-3);
        assertTrue(distance(78) >= 0.01);
        assertTrue(distance(79) < 0.01);
    }

    @Test
    public void learningFollowsTheClosedFormForAnyStartAndRate() {
        double[] rates = {0.01, 0.1, 0.4, 1, 1.4, 2, 2.5, 2.7, 2.79};
        for (double rate : rates) {
            double[] start = {random.nextGaussian(), random.nextGaussian()};
            KernelLearner learner =
                    edge().optInitial(start).optLearningRate(rate).optSteps(60).build();
            assertFollowsClosedForm(learner.learn(x64(), y64()), rate, 1e-12);
            assertFollowsClosedForm(learner.learn(x, y), rate, 2e-5);
        }
    }

    @Test
    public void garbageCollectionDuringLearningChangesNothing() throws InterruptedException {
        KernelLearner learner = edge().optInitial(BOOK_START).optSteps(400).build();
        double[] expected = learner.learn(x, y).getLosses();
        AtomicBoolean done = new AtomicBoolean();
        Thread collector =
                new Thread(
                        () -> {
                            while (!done.get()) {
                                System.gc();
                                for (int i = 0; i < 500; i++) {
                                    ByteBuffer.allocateDirect(4).putInt(0, -1);
                                }
                            }
                        });
        collector.start();
        try {
            assertArrayEquals(expected, learner.learn(x, y).getLosses(), 0);
        } finally {
            done.set(true);
            collector.join();
        }
    }

    @Test
    public void aboveTheStabilityLimitTheLossGrows() {
        double[] start = {0.3, 0.2};
        double[] stable = losses(2.79, start);
        double[] unstable = losses(2.81, start);
        assertTrue(stable[99] < stable[49]);
        assertTrue(unstable[99] > unstable[49]);
    }

    @Test
    public void anyKernelIsLearnedAsByPlainGradientDescent() {
        double[][] image = PlainJava.randomNormal(random, 9, 7);
        double[][] target = PlainJava.randomNormal(random, 7, 6);
        double[][] w = PlainJava.randomNormal(random, 3, 2);
        double rate = 0.05;
        LearnedKernel learned =
                KernelLearner.builder()
                        .setKernelShape(new Shape(3, 2))
                        .optLearningRate(rate)
                        .optSteps(5)
                        .optInitial(flatten(w))
                        .build()
                        .learn(
                                array(engine.manager(), image, DataType.FLOAT64),
                                array(engine.manager(), target, DataType.FLOAT64));
        assertArrayEquals(flatten(w), learned.getInitial(), 0);
        for (int step = 0; step < 5; step++) {
            double[][] error = PlainJava.minus(PlainJava.corr2d(image, w), target);
            double squares = 0;
            for (double value : flatten(error)) {
                squares += value * value;
            }
            assertEquals(squares / 2 / 42, learned.getLosses()[step], 1e-13);
            double[][] gradient = PlainJava.times(PlainJava.corr2d(image, error), 1.0 / 42);
            w = PlainJava.minus(w, PlainJava.times(gradient, rate));
        }
        assertArrayEquals(flatten(w), learned.getWeight(), 1e-13);
    }

    @Test
    public void examplesOfFourDimensionsGiveTheSame() {
        KernelLearner learner = edge().optInitial(BOOK_START).build();
        LearnedKernel plane = learner.learn(x, y);
        LearnedKernel example = learner.learn(x.reshape(1, 1, 6, 8), y.reshape(1, 1, 6, 7));
        assertArrayEquals(plane.getLosses(), example.getLosses(), 0);
        assertArrayEquals(plane.getWeight(), example.getWeight(), 0);
    }

    @Test
    public void startIsDrawnFromTheEnginesGenerator() {
        KernelLearner learner = edge().optSteps(0).build();
        engine.manager().getEngine().setRandomSeed(11);
        double[] first = learner.learn(x, y).getInitial();
        double[] second = learner.learn(x, y).getInitial();
        engine.manager().getEngine().setRandomSeed(11);
        NDArray drawn = engine.manager().randomNormal(0, 0.01f, new Shape(1, 2), DataType.FLOAT32);
        assertArrayEquals(values(drawn), first, 0);
        assertNotEquals(first[0], second[0], 0);
    }

    @Test
    public void noStepsLeaveTheStart() {
        LearnedKernel learned = edge().optSteps(0).optInitial(BOOK_START).build().learn(x, y);
        assertEquals(0, learned.getLosses().length);
        assertArrayEquals(learned.getInitial(), learned.getWeight(), 0);
    }

    @Test
    public void resultCannotBeChanged() {
        double[] start = BOOK_START.clone();
        KernelLearner learner = edge().optInitial(start).build();
        start[0] = 5;
        LearnedKernel learned = learner.learn(x, y);
        assertEquals(0.002919f, learned.getInitial()[0], 0);
        learned.getInitial()[0] = 5;
        learned.getLosses()[0] = 5;
        learned.getWeight()[0] = 5;
        assertNotEquals(5, learned.getInitial()[0], 0);
        assertNotEquals(5, learned.getLosses()[0], 0);
        assertNotEquals(5, learned.getWeight()[0], 0);
        assertEquals(new Shape(1, 2), learned.getKernelShape());
        assertEquals(Device.cpu(), learned.getDevice());
    }

    @Test
    public void nothingIsLeftInTheManagers() {
        int before = engine.arrays();
        edge().build().learn(x, y);
        assertEquals(before, engine.arrays());
    }

    @Test
    public void arraysDoNotGrowWithTheSteps() throws InterruptedException {
        int before = engine.arrays();
        KernelLearner learner = edge().optSteps(500).build();
        Thread learning = new Thread(() -> learner.learn(x, y));
        learning.start();
        int most = before;
        while (learning.isAlive()) {
            most = Math.max(most, engine.arrays());
        }
        learning.join();
        assertTrue(most + " arrays at once", most > before && most < before + 40);
    }

    @Test
    public void gradModeIsAsBefore() {
        KernelLearner learner = edge().optInitial(BOOK_START).build();
        double[] expected = learner.learn(x, y).getLosses();
        for (boolean mode : new boolean[] {false, true}) {
            CleanEngine.inGradMode(
                    mode,
                    () -> assertArrayEquals(expected, learner.learn(x, y).getLosses(), 0));
        }
    }

    @Test
    public void openCollectorIsAnErrorThatChangesNothing() {
        KernelLearner learner = edge().build();
        int arrays = engine.arrays();
        try (GradientCollector outer = engine.manager().getEngine().newGradientCollector()) {
            for (boolean mode : new boolean[] {false, true}) {
                CleanEngine.inGradMode(
                        mode,
                        () -> {
                            IllegalStateException error =
                                    assertThrows(
                                            IllegalStateException.class,
                                            () -> learner.learn(x, y));
                            assertTrue(error.getMessage().contains("already collecting"));
                        });
            }
            assertEquals(arrays, engine.arrays());
            NDArray w = engine.manager().ones(new Shape(2));
            w.setRequiresGradient(true);
            outer.backward(w.sum());
            assertArrayEquals(new double[] {1, 1}, values(w.getGradient()), 0);
        }
    }

    @Test
    public void callersGraphAndGradientsAreLeftAlone() {
        NDArray scale = engine.manager().create(2f);
        scale.setRequiresGradient(true);
        NDArray[] recorded = new NDArray[2];
        CleanEngine.inGradMode(
                true,
                () -> {
                    recorded[0] = x.mul(scale).square();
                    recorded[1] = y.mul(scale).square();
                    edge().build().learn(recorded[0], recorded[1]);
                });
        assertEquals(0, values(scale.getGradient())[0], 0);
        try (GradientCollector collector = engine.manager().getEngine().newGradientCollector()) {
            collector.backward(recorded[0].sum());
            assertEquals(2 * 2 * 24, values(scale.getGradient())[0], 0);
            collector.backward(recorded[1].sum());
            assertEquals(2 * 2 * 24 + 2 * 2 * 12, values(scale.getGradient())[0], 0);
        }
    }

    @Test
    public void argumentsStayInTheirManagerUnchanged() {
        double[] input = values(x);
        double[] output = values(y);
        edge().build().learn(x, y);
        assertArrayEquals(input, values(x), 0);
        assertArrayEquals(output, values(y), 0);
        assertEquals(engine.manager(), x.getManager());
        assertEquals(engine.manager(), y.getManager());
    }

    private static KernelLearner.Builder edge() {
        return KernelLearner.builder().setKernelShape(new Shape(1, 2));
    }

    private NDArray x64() {
        return x.toType(DataType.FLOAT64, false);
    }

    private NDArray y64() {
        return y.toType(DataType.FLOAT64, false);
    }

    /** How far the kernel is from [1, -1] after so many updates from zero. */
    private double distance(int updates) {
        double[] weight =
                edge().optSteps(updates).optInitial(new double[2]).build().learn(x, y).getWeight();
        return Math.max(Math.abs(weight[0] - 1), Math.abs(weight[1] + 1));
    }

    private double[] losses(double rate, double[] start) {
        return edge()
                .optLearningRate(rate)
                .optSteps(100)
                .optInitial(start)
                .build()
                .learn(x64(), y64())
                .getLosses();
    }

    private static void assertFollowsClosedForm(
            LearnedKernel learned, double rate, double tolerance) {
        String call = String.format("rate %s from %s", rate, learned.getInitial()[0]);
        double s = learned.getInitial()[0] + learned.getInitial()[1];
        double d = learned.getInitial()[0] - learned.getInitial()[1] - 2;
        for (double loss : learned.getLosses()) {
            assertEquals(call, 5.0 / 28 * s * s + 1.0 / 28 * d * d, loss, tolerance);
            s *= 1 - rate * 5 / 7;
            d *= 1 - rate / 7;
        }
        double[] weight = {1 + (s + d) / 2, -1 + (s - d) / 2};
        assertArrayEquals(call, weight, learned.getWeight(), tolerance);
    }
}
