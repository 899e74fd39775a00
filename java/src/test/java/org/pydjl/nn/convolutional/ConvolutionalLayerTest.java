// SPDX-License-Identifier: Apache-2.0
package org.pydjl.nn.convolutional;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import org.junit.Rule;
import org.junit.Test;
import org.pydjl.CleanEngine;
import org.pydjl.PlainJava;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;
import static org.pydjl.PlainJava.array;
import static org.pydjl.PlainJava.flatten;
import static org.pydjl.PlainJava.values;

public class ConvolutionalLayerTest {

    @Rule public final CleanEngine engine = new CleanEngine();

    private final Random random = new Random(6_2_2);

    @Test
    public void threeByThreeLayerHasNineWeightsAndOneBias() {
        ConvolutionalLayer layer = initialized(new Shape(3, 3), DataType.FLOAT32);
        assertEquals(Arrays.asList("weight", "bias"), layer.getParameters().keys());
        assertEquals(new Shape(3, 3), layer.getWeight().getShape());
        assertEquals(9, layer.getWeight().size());
        assertEquals(new Shape(1), layer.getBias().getShape());
    }

    @Test
    public void bothParametersAreTrainable() {
        ConvolutionalLayer layer = initialized(new Shape(1, 2), DataType.FLOAT32);
        assertTrue(layer.getWeight().hasGradient());
        assertTrue(layer.getBias().hasGradient());
    }

    @Test
    public void parametersAreDrawnFromTheNormalDistributionOfTheEngine() {
        engine.manager().getEngine().setRandomSeed(7);
        ConvolutionalLayer layer = initialized(new Shape(50, 40), DataType.FLOAT32);
        engine.manager().getEngine().setRandomSeed(7);
        assertArrayEquals(drawn(new Shape(50, 40)), values(layer.getWeight()), 0);
        assertArrayEquals(drawn(new Shape(1)), values(layer.getBias()), 0);
        double variance =
                Arrays.stream(values(layer.getWeight())).map(v -> v * v).sum() / (50 * 40);
        assertEquals(0.01, Math.sqrt(variance), 0.001);
    }

    @Test
    public void outputIsTheCrossCorrelationPlusTheBias() {
        double[][] x = PlainJava.randomNormal(random, 5, 7);
        double[][] w = PlainJava.randomNormal(random, 3, 2);
        ConvolutionalLayer layer = layer(w, 0.25);
        NDArray y = forward(layer, array(engine.manager(), x, DataType.FLOAT64));
        double[] expected = flatten(PlainJava.corr2d(x, w));
        assertArrayEquals(Arrays.stream(expected).map(v -> v + 0.25).toArray(), values(y), 1e-13);
        assertEquals(layer.getOutputShapes(new Shape[] {new Shape(5, 7)})[0], y.getShape());
        assertEquals(new Shape(3, 6), y.getShape());
    }

    @Test
    public void gradientsAreThoseOfTheClosedForm() {
        double[][] x = PlainJava.randomNormal(random, 6, 4);
        double[][] w = PlainJava.randomNormal(random, 2, 3);
        double[][] target = PlainJava.randomNormal(random, 5, 2);
        double b = -0.5;
        ConvolutionalLayer layer = layer(w, b);
        NDArray xArray = array(engine.manager(), x, DataType.FLOAT64);
        xArray.setRequiresGradient(true);
        backward(layer, xArray, array(engine.manager(), target, DataType.FLOAT64));

        double[][] y = PlainJava.corr2d(x, w);
        Arrays.stream(y).forEach(row -> Arrays.setAll(row, j -> row[j] + b));
        double[][] g = PlainJava.times(PlainJava.minus(y, target), 1.0 / PlainJava.size(y));
        assertArrayEquals(
                flatten(PlainJava.corr2d(x, g)), values(layer.getWeight().getGradient()), 1e-13);
        assertEquals(PlainJava.sum(g), values(layer.getBias().getGradient())[0], 1e-13);
        assertArrayEquals(
                flatten(PlainJava.inputGradient(x, w, g)), values(xArray.getGradient()), 1e-13);
    }

    @Test
    public void exerciseTwoGivesItsLossAndGradients() {
        double[][] start = {{0.01, -0.02}};
        ConvolutionalLayer layer = layer(start, 0);
        NDArray x = EdgeDetection.image(engine.manager()).toType(DataType.FLOAT64, false);
        NDArray k = EdgeDetection.kernel(engine.manager()).toType(DataType.FLOAT64, false);
        double loss = backward(layer, x, CrossCorrelation.corr2d(x, k));
        assertEquals(0.1386214, loss, 5e-8);
        double[] gradient = values(layer.getWeight().getGradient());
        assertArrayEquals(new double[] {-0.1442857, 0.1371428}, gradient, 1e-7);
        assertEquals(-0.0042857, values(layer.getBias().getGradient())[0], 5e-8);
    }

    @Test
    public void forwardLeavesOnlyItsResult() {
        ConvolutionalLayer layer = initialized(new Shape(2, 2), DataType.FLOAT32);
        NDArray x = engine.manager().ones(new Shape(4, 5));
        int before = engine.arrays();
        NDArray y = forward(layer, x);
        assertEquals(before + 1, engine.arrays());
        y.close();
        assertEquals(before, engine.arrays());
    }

    @Test
    public void refusedForwardLeavesNothing() {
        ConvolutionalLayer layer = initialized(new Shape(2, 2), DataType.FLOAT32);
        NDArray x = engine.manager().ones(new Shape(1, 5));
        int before = engine.arrays();
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> forward(layer, x));
        assertEquals(
                "The kernel (2, 2) does not fit into the input (1, 5); it may be at most as high"
                        + " and as wide.",
                error.getMessage());
        assertEquals(before, engine.arrays());
    }

    @Test
    public void closingTheLayerFreesItsParameters() {
        ConvolutionalLayer layer = initialized(new Shape(2, 2), DataType.FLOAT32);
        assertEquals(2, engine.arrays());
        layer.clear();
        assertEquals(0, engine.arrays());
        assertFalse(layer.isInitialized());
    }

    @Test
    public void savedParametersLoadIntoAnotherLayer() throws IOException, MalformedModelException {
        ConvolutionalLayer layer = initialized(new Shape(2, 3), DataType.FLOAT32);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        layer.saveParameters(new DataOutputStream(file));
        ConvolutionalLayer other = new ConvolutionalLayer(new Shape(2, 3));
        other.loadParameters(
                engine.manager(),
                new DataInputStream(new ByteArrayInputStream(file.toByteArray())));
        assertArrayEquals(values(layer.getWeight()), values(other.getWeight()), 0);
        assertArrayEquals(values(layer.getBias()), values(other.getBias()), 0);
    }

    @Test
    public void kernelShapeMustHaveTwoDimensions() {
        assertKernelShapeRefused("null", null);
        assertKernelShapeRefused("(3)", new Shape(3));
        assertKernelShapeRefused("(1, 1, 2, 2)", new Shape(1, 1, 2, 2));
        assertKernelShapeRefused("(0, 2)", new Shape(0, 2));
        assertKernelShapeRefused("(2, -1)", new Shape(2, -1));
    }

    private static void assertKernelShapeRefused(String shown, Shape shape) {
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> new ConvolutionalLayer(shape));
        assertEquals(
                "The kernel has the shape " + shown + ", but a cross-correlation needs two"
                        + " dimensions (height, width) of at least 1 each.",
                error.getMessage());
    }

    private ConvolutionalLayer initialized(Shape kernelShape, DataType type) {
        ConvolutionalLayer layer = new ConvolutionalLayer(kernelShape);
        layer.initialize(engine.manager(), type, new Shape(60, 60));
        return layer;
    }

    /** A float64 layer with these parameters. */
    private ConvolutionalLayer layer(double[][] weight, double bias) {
        ConvolutionalLayer layer =
                new ConvolutionalLayer(new Shape(weight.length, weight[0].length));
        layer.setInitializer(
                (manager, shape, type) -> array(manager, weight, type), Parameter.Type.WEIGHT);
        layer.setInitializer(
                (manager, shape, type) -> manager.create(new double[] {bias}), Parameter.Type.BIAS);
        layer.initialize(engine.manager(), DataType.FLOAT64, new Shape(60, 60));
        return layer;
    }

    private double[] drawn(Shape shape) {
        return values(engine.manager().randomNormal(0, 0.01f, shape, DataType.FLOAT32));
    }

    private NDArray forward(ConvolutionalLayer layer, NDArray x) {
        ParameterStore store = new ParameterStore(engine.manager(), false);
        return layer.forward(store, new NDList(x), false).singletonOrThrow();
    }

    private double backward(ConvolutionalLayer layer, NDArray x, NDArray target) {
        try (GradientCollector collector = engine.manager().getEngine().newGradientCollector()) {
            NDArray half = engine.manager().full(new Shape(), 0.5f, DataType.FLOAT64);
            NDArray loss = forward(layer, x).sub(target).square().mul(half).mean();
            collector.backward(loss);
            return loss.getDouble();
        }
    }
}
