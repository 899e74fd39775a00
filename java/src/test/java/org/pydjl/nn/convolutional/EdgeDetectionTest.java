// SPDX-License-Identifier: Apache-2.0
package org.pydjl.nn.convolutional;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.Rule;
import org.junit.Test;
import org.pydjl.CleanEngine;

import java.nio.ByteBuffer;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;

public class EdgeDetectionTest {

    @Rule public final CleanEngine engine = new CleanEngine();

    @Test
    public void imageIsWhiteWithFourBlackColumns() {
        NDArray image = EdgeDetection.image(engine.manager());
        assertEquals(DataType.FLOAT32, image.getDataType());
        assertRows(6, new float[] {1, 1, 0, 0, 0, 0, 1, 1}, image);
    }

    @Test
    public void kernelIsTheDifferenceOfNeighbours() {
        NDArray kernel = EdgeDetection.kernel(engine.manager());
        assertEquals(DataType.FLOAT32, kernel.getDataType());
        assertRows(1, new float[] {1, -1}, kernel);
    }

    @Test
    public void edgeMapIsOneAtWhiteToBlackAndMinusOneAtBlackToWhite() {
        assertRows(6, new float[] {0, 1, 0, 0, 0, -1, 0}, edges(image()));
    }

    @Test
    public void transposedImageHasNoEdges() {
        assertRows(8, new float[] {0, 0, 0, 0, 0}, edges(image().transpose()));
    }

    @Test
    public void edgeMapPrintsAsInTheChapter() {
        StringBuilder expected = new StringBuilder("ND: (6, 7) cpu() float32\n[");
        for (int row = 0; row < 6; row++) {
            expected.append(row == 0 ? "" : " ");
            expected.append("[ 0.,  1.,  0.,  0.,  0., -1.,  0.],\n");
        }
        assertEquals(
                expected.append("]\n").toString(),
                edges(image()).toString().replace(System.lineSeparator(), "\n"));
    }

    @Test
    public void onlyTheCreatedArraysAreLeft() {
        image();
        EdgeDetection.kernel(engine.manager());
        assertEquals(2, engine.arrays());
    }

    @Test
    public void viewsOutliveTheArrays() throws InterruptedException {
        NDArray view;
        try (NDArray image = image()) {
            view = image.reshape(48);
        }
        for (int i = 0; i < 20; i++) {
            System.gc();
            Thread.sleep(5);
            ByteBuffer.allocateDirect(48 * Float.BYTES).putFloat(0, -1).putFloat(20, -1);
        }
        assertEquals(24, view.sum().getFloat(), 0);
    }

    private NDArray image() {
        return EdgeDetection.image(engine.manager());
    }

    private NDArray edges(NDArray image) {
        return CrossCorrelation.corr2d(image, EdgeDetection.kernel(engine.manager()));
    }

    private static void assertRows(int rows, float[] row, NDArray array) {
        assertEquals(new Shape(rows, row.length), array.getShape());
        for (int i = 0; i < rows; i++) {
            assertArrayEquals("row " + i, row, array.get(i).toFloatArray(), 0);
        }
    }
}
