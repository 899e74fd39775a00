// SPDX-License-Identifier: Apache-2.0
package org.pydjl.nn.convolutional;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

import java.util.Arrays;

/**
 * The chapter's example of a kernel made by hand: an image with two vertical edges, and the kernel
 * whose cross-correlation finds them.
 *
 * <p>{@code corr2d(image, kernel)} is {@code [0, 1, 0, 0, 0, -1, 0]} in each of its six rows: 1
 * where white turns to black, -1 where black turns to white.
 *
 * <p>Source: Dive into Deep Learning, DJL edition, 6.2.3.
 */
public final class EdgeDetection {

    private static final int HEIGHT = 6;
    private static final float[] ROW = {1, 1, 0, 0, 0, 0, 1, 1};

    private EdgeDetection() {}

    /**
     * Creates the image: white (1), with four black columns (0) in the middle.
     *
     * @param manager the manager to which the image is attached
     * @return an array of shape (6, 8), float32; the caller closes it
     */
    public static NDArray image(NDManager manager) {
        float[][] rows = new float[HEIGHT][];
        Arrays.fill(rows, ROW);
        return owned(manager.create(rows));
    }

    /**
     * Creates the kernel, the difference of horizontal neighbours.
     *
     * @param manager the manager to which the kernel is attached
     * @return {@code [[1, -1]]}, of shape (1, 2), float32; the caller closes it
     */
    public static NDArray kernel(NDManager manager) {
        return owned(manager.create(new float[][] {{1, -1}}));
    }

    /**
     * Moves numbers into memory of the engine. They come in a Java buffer that only this NDArray
     * keeps alive: a view of it, here or in Python, would outlive its memory.
     */
    private static NDArray owned(NDArray created) {
        try (created) {
            return created.duplicate();
        }
    }
}
