// SPDX-License-Identifier: Apache-2.0
package org.pydjl.nn.convolutional;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;

/**
 * The first layers of ResNet-18 as a DJL block, untrained: a convolution with 64 kernels of 7×7 and
 * stride 2, batch normalisation, ReLU, and max pooling of 3×3 with stride 2.
 *
 * <p>A picture (N, 3, H, W) becomes (N, 64, H/4, W/4), the sizes rounded up. The convolution, which
 * is a cross-correlation and has no bias, halves the size; its 9,408 weights give the feature maps
 * that are looked at.
 *
 * <pre>{@code
 * SequentialBlock stem = ResNetStem.create();
 * stem.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 224, 224));
 * }</pre>
 *
 * <p>Source: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", table 1.
 */
public final class ResNetStem {

    private static final int FILTERS = 64;

    private ResNetStem() {}

    /**
     * Creates the block, whose parameters are not initialized yet.
     *
     * @return the convolution, the normalisation, ReLU and the pooling, in this order; its arrays
     *     belong to the manager that it will be initialized with
     */
    public static SequentialBlock create() {
        Shape two = new Shape(2, 2);
        Conv2d convolution =
                Conv2d.builder()
                        .setKernelShape(new Shape(7, 7))
                        .setFilters(FILTERS)
                        .optStride(two)
                        .optPadding(new Shape(3, 3))
                        .optBias(false)
                        .build();
        return new SequentialBlock()
                .add(convolution)
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock())
                .add(Pool.maxPool2dBlock(new Shape(3, 3), two, new Shape(1, 1)));
    }
}
