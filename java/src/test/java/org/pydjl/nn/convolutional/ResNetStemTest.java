// SPDX-License-Identifier: Apache-2.0
package org.pydjl.nn.convolutional;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.ParameterStore;
import org.junit.Rule;
import org.junit.Test;
import org.pydjl.CleanEngine;
import org.pydjl.PlainJava;

import java.util.Random;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.pydjl.PlainJava.values;

public class ResNetStemTest {

    @Rule public final CleanEngine engine = new CleanEngine();

    private final Random random = new Random(18);
    private final SequentialBlock stem = ResNetStem.create();

    @Test
    public void pictureOf224BecomesMapsOf112AndThenOf56() {
        Shape picture = new Shape(1, 3, 224, 224);
        stem.initialize(engine.manager(), DataType.FLOAT32, picture);
        Shape[] maps = convolution().getOutputShapes(new Shape[] {picture});
        assertEquals(new Shape(1, 64, 112, 112), maps[0]);
        assertEquals(new Shape(1, 64, 56, 56), forward(ones(picture)).getShape());
    }

    @Test
    public void convolutionHas9408WeightsAndNoBias() {
        stem.initialize(engine.manager(), DataType.FLOAT32, new Shape(1, 3, 20, 30));
        assertEquals(1, convolution().getParameters().size());
        NDArray weight = convolution().getParameters().valueAt(0).getArray();
        assertEquals(new Shape(64, 3, 7, 7), weight.getShape());
        assertEquals(9408, weight.size());
    }

    @Test
    public void outputIsWhatTheDefinitionsOfItsLayersGive() {
        double[][][] picture = new double[3][][];
        for (int channel = 0; channel < 3; channel++) {
            picture[channel] = PlainJava.randomNormal(random, 13, 10);
        }
        NDArray x = engine.manager().create(flat(picture), new Shape(1, 3, 13, 10));
        stem.initialize(engine.manager(), DataType.FLOAT64, x.getShape());
        NDArray weight = convolution().getParameters().valueAt(0).getArray();
        double[] weights = values(weight);
        NDArray y = forward(x);

        assertEquals(new Shape(1, 64, 4, 3), y.getShape());
        double[] expected = new double[64 * 4 * 3];
        for (int filter = 0; filter < 64; filter++) {
            double[][] map = convolved(picture, weights, filter);
            for (int i = 0; i < 4; i++) {
                for (int j = 0; j < 3; j++) {
                    expected[(filter * 4 + i) * 3 + j] = pooled(map, i, j);
                }
            }
        }
        assertTrue("a kernel answers", values(y.max())[0] > 0);
        assertArrayEquals(expected, values(y), 1e-12);
    }

    /** A map of the convolution, normalised by the running statistics 0 and 1, then by ReLU. */
    private static double[][] convolved(double[][][] picture, double[] weights, int filter) {
        double[][] map = new double[7][5];
        for (int i = 0; i < 7; i++) {
            for (int j = 0; j < 5; j++) {
                double sum = 0;
                for (int k = 0; k < 3 * 7 * 7; k++) {
                    int row = 2 * i + k / 7 % 7 - 3;
                    int column = 2 * j + k % 7 - 3;
                    if (row >= 0 && row < 13 && column >= 0 && column < 10) {
                        sum += picture[k / 49][row][column] * weights[filter * 147 + k];
                    }
                }
                map[i][j] = Math.max(0, sum / Math.sqrt(1 + (double) 1e-5f));
            }
        }
        return map;
    }

    private static double pooled(double[][] map, int i, int j) {
        double most = 0;
        for (int row = Math.max(0, 2 * i - 1); row <= Math.min(6, 2 * i + 1); row++) {
            for (int column = Math.max(0, 2 * j - 1); column <= Math.min(4, 2 * j + 1); column++) {
                most = Math.max(most, map[row][column]);
            }
        }
        return most;
    }

    private static double[] flat(double[][][] picture) {
        double[] values = new double[picture.length * PlainJava.size(picture[0])];
        int position = 0;
        for (double[][] channel : picture) {
            for (double value : PlainJava.flatten(channel)) {
                values[position++] = value;
            }
        }
        return values;
    }

    private Block convolution() {
        return stem.getChildren().valueAt(0);
    }

    private NDArray ones(Shape shape) {
        return engine.manager().ones(shape);
    }

    private NDArray forward(NDArray x) {
        NDManager manager = x.getManager();
        ParameterStore store = new ParameterStore(manager, false);
        return stem.forward(store, new NDList(x), false).singletonOrThrow();
    }
}
