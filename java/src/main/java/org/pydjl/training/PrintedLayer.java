// SPDX-License-Identifier: Apache-2.0
package org.pydjl.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import org.pydjl.nn.convolutional.CrossCorrelation;

/**
 * What DJL's engine makes of the gradients of the chapter's layer as it is printed: a loop that
 * writes each cell of the output in place. It answers the chapter's second exercise; layers to
 * train are in {@code org.pydjl.nn}.
 *
 * <p>Source: Dive into Deep Learning, DJL edition, 6.2.7, exercise 2.
 */
public final class PrintedLayer {

    private PrintedLayer() {}

    /**
     * Computes the layer's 2-D cross-correlation plus bias, cell by cell and in place.
     *
     * @param x the input of shape (H, W), float32 or float64
     * @param w the kernel of shape (h, w), of the type of {@code x}
     * @param b the bias of shape (1), of the type of {@code x}
     * @return the output of shape (H - h + 1, W - w + 1), in the manager of {@code x}: the caller
     *     closes it
     */
    public static NDArray forward(NDArray x, NDArray w, NDArray b) {
        Shape kernel = w.getShape();
        Shape shape = CrossCorrelation.outputShape(x.getShape(), kernel);
        NDArray y = x.getManager().zeros(shape, x.getDataType());
        for (long i = 0; i < shape.get(0); i++) {
            for (long j = 0; j < shape.get(1); j++) {
                NDIndex window =
                        new NDIndex()
                                .addSliceDim(i, i + kernel.get(0))
                                .addSliceDim(j, j + kernel.get(1));
                y.set(new NDIndex(i, j), x.get(window).mul(w).sum());
            }
        }
        return y.add(b);
    }

    /**
     * Differentiates DJL's L2 loss (the mean of half the squared differences) of the layer.
     *
     * @param x the input of shape (H, W)
     * @param y the output to reach, of shape (H - h + 1, W - w + 1)
     * @param w the kernel of shape (h, w)
     * @param b the bias of shape (1)
     * @param collecting whether the layer computes while a gradient collector is open
     * @return the loss and what DJL then gives as the gradients with respect to {@code x}, {@code
     *     w} and {@code b}, in the manager of {@code x}: the caller closes them. Without a
     *     collector there is nothing to go back from, and they are zeros
     */
    public static NDList gradients(
            NDArray x, NDArray y, NDArray w, NDArray b, boolean collecting) {
        NDManager manager = x.getManager();
        NDList leaves = new NDList();
        for (NDArray array : new NDArray[] {x, w, b}) {
            NDArray leaf = array.stopGradient().duplicate();
            leaf.setRequiresGradient(true);
            leaves.add(leaf);
        }
        NDArray half = manager.full(new Shape(), 0.5f, x.getDataType());
        NDList results = new NDList();
        if (collecting) {
            try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
                NDArray loss = loss(leaves, y, half);
                collector.backward(loss);
                results.add(loss.stopGradient());
            }
        } else {
            results.add(loss(leaves, y, half));
        }
        leaves.forEach(leaf -> results.add(leaf.getGradient()));
        return results;
    }

    private static NDArray loss(NDList leaves, NDArray y, NDArray half) {
        NDArray prediction = forward(leaves.get(0), leaves.get(1), leaves.get(2));
        return SquaredError.MEAN_OF_HALVES.of(y, prediction, half);
    }
}
