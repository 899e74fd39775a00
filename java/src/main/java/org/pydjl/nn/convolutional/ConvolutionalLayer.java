// SPDX-License-Identifier: Apache-2.0
package org.pydjl.nn.convolutional;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.util.PairList;

/**
 * The chapter's convolutional layer: a 2-D cross-correlation with a trainable kernel, plus a
 * trainable scalar.
 *
 * <p>Input (H, W), output (H - h + 1, W - w + 1) for a kernel of shape (h, w): one channel, no
 * batch. Both parameters are drawn from a normal distribution with standard deviation 0.01, the
 * kernel as in the chapter's learning example and the bias as in its layer, unless {@code
 * setInitializer} says otherwise, and both get a gradient.
 *
 * <pre>{@code
 * ConvolutionalLayer layer = new ConvolutionalLayer(new Shape(1, 2));
 * layer.initialize(manager, DataType.FLOAT32, x.getShape());
 * NDList y = layer.forward(new ParameterStore(manager, false), new NDList(x), false);
 * }</pre>
 *
 * <p>Source: Dive into Deep Learning, DJL edition, 6.2.2.
 */
public final class ConvolutionalLayer extends AbstractBlock {

    private static final byte VERSION = 1;

    private final Shape kernelShape;
    private final Parameter weight;
    private final Parameter bias;

    /**
     * Creates a layer whose parameters are not initialized yet.
     *
     * @param kernelShape the shape (h, w) of the kernel
     * @throws IllegalArgumentException if the shape is null or does not have two dimensions of at
     *     least 1
     */
    public ConvolutionalLayer(Shape kernelShape) {
        super(VERSION);
        CrossCorrelation.requirePlane("The kernel", kernelShape);
        this.kernelShape = kernelShape;
        weight = addParameter(parameter("weight", Parameter.Type.WEIGHT, kernelShape));
        bias = addParameter(parameter("bias", Parameter.Type.BIAS, new Shape(1)));
    }

    private static Parameter parameter(String name, Parameter.Type type, Shape shape) {
        return Parameter.builder()
                .setName(name)
                .setType(type)
                .optShape(shape)
                .optInitializer(new NormalInitializer())
                .build();
    }

    /**
     * Returns the kernel.
     *
     * @return the layer's own array of shape (h, w), not a copy; the layer closes it
     */
    public NDArray getWeight() {
        return weight.getArray();
    }

    /**
     * Returns the bias.
     *
     * @return the layer's own array of shape (1), not a copy; the layer closes it
     */
    public NDArray getBias() {
        return bias.getArray();
    }

    /** {@inheritDoc} */
    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {CrossCorrelation.outputShape(inputShapes[0], kernelShape)};
    }

    /** {@inheritDoc} */
    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        NDArray x = inputs.singletonOrThrow();
        Device device = x.getDevice();
        NDArray w = parameterStore.getValue(weight, device, training);
        NDArray b = parameterStore.getValue(bias, device, training);
        try (NDArray correlation = CrossCorrelation.corr2d(x, w)) {
            return new NDList(correlation.add(b));
        }
    }
}
