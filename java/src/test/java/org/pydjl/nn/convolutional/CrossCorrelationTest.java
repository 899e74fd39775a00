// SPDX-License-Identifier: Apache-2.0
package org.pydjl.nn.convolutional;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import org.junit.Rule;
import org.junit.Test;
import org.pydjl.CleanEngine;
import org.pydjl.PlainJava;

import java.util.Random;
import java.util.function.ToDoubleFunction;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;
import static org.pydjl.PlainJava.array;
import static org.pydjl.PlainJava.values;

public class CrossCorrelationTest {

    @Rule public final CleanEngine engine = new CleanEngine();

    private final Random random = new Random(6_2_1);

    @Test
    public void figurePrintsAsInTheChapter() {
        NDArray y = CrossCorrelation.corr2d(figureInput(), figureKernel());
        assertEquals(
                "ND: (2, 2) cpu() float32\n[[19., 25.],\n [37., 43.],\n]\n",
                y.toString().replace(System.lineSeparator(), "\n"));
    }

    @Test
    public void eachCellOfTheFigureIsItsFourTerms() {
        double[] terms = {
            0 * 0 + 1 * 1 + 3 * 2 + 4 * 3,
            1 * 0 + 2 * 1 + 4 * 2 + 5 * 3,
            3 * 0 + 4 * 1 + 6 * 2 + 7 * 3,
            4 * 0 + 5 * 1 + 7 * 2 + 8 * 3,
        };
        NDArray x = figureInput();
        NDArray k = figureKernel();
        assertArrayEquals(terms, values(CrossCorrelation.corr2d(x, k)), 0);
        for (int cell = 0; cell < 4; cell++) {
            int i = cell / 2;
            int j = cell % 2;
            NDArray window = x.get(String.format("%d:%d, %d:%d", i, i + 2, j, j + 2));
            NDArray alone = CrossCorrelation.corr2d(window, k);
            assertEquals(new Shape(1, 1), alone.getShape());
            assertEquals(terms[cell], alone.getFloat(0, 0), 0);
        }
    }

    @Test
    public void flippedKernelGivesTheConvolutionOfTheFigure() {
        NDArray y = CrossCorrelation.corr2d(figureInput(), figureKernel().flip(0, 1));
        assertArrayEquals(new double[] {5, 11, 23, 29}, values(y), 0);
    }

    @Test
    public void impulseGivesTheFlippedKernel() {
        float[] one = {0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0};
        NDArray impulse = engine.manager().create(one, new Shape(3, 5));
        NDArray k = engine.manager().create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3));
        double[] expected = {6, 5, 4, 3, 2, 1};
        assertArrayEquals(expected, values(CrossCorrelation.corr2d(impulse, k)), 0);
    }

    @Test
    public void outputShapeIsInputMinusKernelPlusOne() {
        assertEquals(
                new Shape(2, 2), CrossCorrelation.outputShape(new Shape(3, 3), new Shape(2, 2)));
        assertEquals(
                new Shape(6, 7), CrossCorrelation.outputShape(new Shape(6, 8), new Shape(1, 2)));
        assertEquals(
                new Shape(1, 4), CrossCorrelation.outputShape(new Shape(5, 7), new Shape(5, 4)));
    }

    @Test
    public void everyFloatTypeAgreesWithThePlainLoop() {
        assertAgrees(DataType.FLOAT16, DataType.FLOAT16, DataType.FLOAT16, 2e-2);
        assertAgrees(DataType.FLOAT32, DataType.FLOAT32, DataType.FLOAT32, 1e-5);
        assertAgrees(DataType.FLOAT64, DataType.FLOAT64, DataType.FLOAT64, 1e-13);
        assertAgrees(DataType.FLOAT32, DataType.FLOAT64, DataType.FLOAT64, 1e-6);
    }

    @Test
    public void everyIntegerTypeKeepsItsTypeAndIsExact() {
        assertExact(DataType.INT8, DataType.INT8, DataType.INT8);
        assertExact(DataType.UINT8, DataType.UINT8, DataType.UINT8);
        assertExact(DataType.INT32, DataType.INT32, DataType.INT32);
        assertExact(DataType.INT64, DataType.INT64, DataType.INT64);
        assertExact(DataType.INT8, DataType.INT32, DataType.INT32);
        assertExact(DataType.INT32, DataType.FLOAT32, DataType.FLOAT32);
        assertExact(DataType.FLOAT16, DataType.INT64, DataType.FLOAT16);
    }

    @Test
    public void integersWrapAround() {
        NDArray x = engine.manager().create(new byte[] {100, 100}, new Shape(1, 2));
        NDArray k = engine.manager().ones(new Shape(1, 2), DataType.INT8);
        assertEquals((byte) 200, CrossCorrelation.corr2d(x, k).toByteArray()[0]);
    }

    @Test
    public void stridedViewsAreReadAsTheyLook() {
        double[][] x = PlainJava.randomNormal(random, 8, 5);
        double[][] k = PlainJava.randomNormal(random, 3, 2);
        NDArray xt = array(engine.manager(), x, DataType.FLOAT64).transpose();
        NDArray kt = array(engine.manager(), k, DataType.FLOAT64).transpose();
        double[][] expected = PlainJava.corr2d(PlainJava.transpose(x), PlainJava.transpose(k));
        assertArrayEquals(
                PlainJava.flatten(expected), values(CrossCorrelation.corr2d(xt, kt)), 1e-13);
    }

    @Test
    public void diagonalEdgesOfExerciseOne() {
        NDArray k = EdgeDetection.kernel(engine.manager());
        NDArray eye = engine.manager().eye(6);
        double[][] rightThenLeft = new double[6][5];
        double[][] downThenUp = new double[5][6];
        for (int i = 0; i < 6; i++) {
            for (int j = 0; j < 5; j++) {
                rightThenLeft[i][j] = i == j ? 1 : i - 1 == j ? -1 : 0;
                downThenUp[j][i] = i == j ? 1 : i == j + 1 ? -1 : 0;
            }
        }
        double[] expected = PlainJava.flatten(rightThenLeft);
        assertArrayEquals(expected, values(CrossCorrelation.corr2d(eye, k)), 0);
        assertArrayEquals(expected, values(CrossCorrelation.corr2d(eye.transpose(), k)), 0);
        NDArray transposedKernel = CrossCorrelation.corr2d(eye, k.transpose());
        assertEquals(new Shape(5, 6), transposedKernel.getShape());
        assertArrayEquals(PlainJava.flatten(downThenUp), values(transposedKernel), 0);
    }

    @Test
    public void gradientsOfBothArgumentsAgreeWithCentralDifferences() {
        double[][] x = PlainJava.randomNormal(random, 5, 4);
        double[][] k = PlainJava.randomNormal(random, 2, 3);
        double[][] g = PlainJava.randomNormal(random, 4, 2);
        NDArray xArray = array(engine.manager(), x, DataType.FLOAT64);
        NDArray kArray = array(engine.manager(), k, DataType.FLOAT64);
        NDArray gArray = array(engine.manager(), g, DataType.FLOAT64);
        xArray.setRequiresGradient(true);
        kArray.setRequiresGradient(true);
        try (GradientCollector collector =
                engine.manager().getEngine().newGradientCollector()) {
            collector.backward(CrossCorrelation.corr2d(xArray, kArray).mul(gArray).sum());
        }
        ToDoubleFunction<double[][]> ofX = v -> weighted(v, k, g);
        ToDoubleFunction<double[][]> ofK = v -> weighted(x, v, g);
        assertArrayEquals(centralDifferences(x, ofX), values(xArray.getGradient()), 1e-7);
        assertArrayEquals(centralDifferences(k, ofK), values(kArray.getGradient()), 1e-7);
    }

    @Test
    public void graphFollowsTheGradModeOfTheThread() {
        NDArray k = figureKernel();
        k.setRequiresGradient(true);
        NDArray[] y = new NDArray[2];
        CleanEngine.inGradMode(false, () -> y[0] = CrossCorrelation.corr2d(figureInput(), k));
        CleanEngine.inGradMode(true, () -> y[1] = CrossCorrelation.corr2d(figureInput(), k));
        try (GradientCollector collector =
                engine.manager().getEngine().newGradientCollector()) {
            EngineException error =
                    assertThrows(EngineException.class, () -> collector.backward(y[0].sum()));
            assertTrue(error.getMessage(), error.getMessage().contains("does not require grad"));
            collector.backward(y[1].sum());
        }
        assertArrayEquals(new double[] {8, 12, 20, 24}, values(k.getGradient()), 0);
    }

    @Test
    public void onlyTheResultStaysAndItBelongsToTheManagerOfTheInput() {
        NDArray x = figureInput();
        int before = engine.arrays();
        NDArray y;
        try (NDManager other = engine.manager().newSubManager()) {
            NDArray k = other.create(new float[] {0, 1, 2, 3}, new Shape(2, 2));
            y = CrossCorrelation.corr2d(x, k);
            assertEquals(before + 2, engine.arrays());
        }
        assertSame(x.getManager(), y.getManager());
        assertEquals(before + 1, engine.arrays());
        assertEquals(43, y.getFloat(1, 1), 0);
    }

    @Test
    public void recordedRunsLeaveOnlyTheResultToo() {
        NDArray x = figureInput();
        NDArray k = figureKernel();
        k.setRequiresGradient(true);
        int before = engine.arrays();
        CleanEngine.inGradMode(true, () -> CrossCorrelation.corr2d(x, k));
        assertEquals(before + 1, engine.arrays());
    }

    @Test
    public void argumentsStayAsTheyWere() {
        NDArray x = figureInput();
        NDArray k = figureKernel();
        CrossCorrelation.corr2d(x, k);
        assertArrayEquals(new double[] {0, 1, 2, 3, 4, 5, 6, 7, 8}, values(x), 0);
        assertArrayEquals(new double[] {0, 1, 2, 3}, values(k), 0);
    }

    private void assertAgrees(DataType xType, DataType kType, DataType type, double tolerance) {
        compare(
                PlainJava.randomNormal(random, 7, 5),
                PlainJava.randomNormal(random, 2, 4),
                new DataType[] {xType, kType, type},
                tolerance);
    }

    private void assertExact(DataType xType, DataType kType, DataType type) {
        compare(
                PlainJava.randomIntegers(random, 4, 9, 4),
                PlainJava.randomIntegers(random, 3, 2, 5),
                new DataType[] {xType, kType, type},
                0);
    }

    private void compare(double[][] x, double[][] k, DataType[] types, double tolerance) {
        NDArray y =
                CrossCorrelation.corr2d(
                        array(engine.manager(), x, types[0]), array(engine.manager(), k, types[1]));
        String call = String.format("corr2d(%s, %s)", types[0], types[1]);
        double[][] expected = PlainJava.corr2d(x, k);
        assertEquals(call, types[2], y.getDataType());
        assertEquals(call, new Shape(expected.length, expected[0].length), y.getShape());
        assertArrayEquals(call, PlainJava.flatten(expected), values(y), tolerance);
    }

    private static double weighted(double[][] x, double[][] k, double[][] g) {
        double[][] y = PlainJava.corr2d(x, k);
        double sum = 0;
        for (int i = 0; i < y.length; i++) {
            for (int j = 0; j < y[0].length; j++) {
                sum += y[i][j] * g[i][j];
            }
        }
        return sum;
    }

    private static double[] centralDifferences(double[][] at, ToDoubleFunction<double[][]> f) {
        double step = 1e-3;
        double[] gradient = new double[PlainJava.size(at)];
        for (int n = 0; n < gradient.length; n++) {
            int i = n / at[0].length;
            int j = n % at[0].length;
            double value = at[i][j];
            at[i][j] = value + step;
            double above = f.applyAsDouble(at);
            at[i][j] = value - step;
            double below = f.applyAsDouble(at);
            at[i][j] = value;
            gradient[n] = (above - below) / (2 * step);
        }
        return gradient;
    }

    private NDArray figureInput() {
        return engine.manager().create(new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8}, new Shape(3, 3));
    }

    private NDArray figureKernel() {
        return engine.manager().create(new float[] {0, 1, 2, 3}, new Shape(2, 2));
    }
}
