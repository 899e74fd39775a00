// SPDX-License-Identifier: Apache-2.0
package org.example;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

import java.util.function.Function;

/** A network as somebody would write it in Java, right or with one of many faults. */
public class OwnNet extends AbstractBlock {

    private final String fault;
    private final Block features;
    private final Block head;

    /** A right one. */
    public OwnNet() {
        this("none");
    }

    /** One with a fault. */
    public OwnNet(String fault) {
        this.fault = fault;
        features = addChildBlock("features", features());
        head = addChildBlock("head", new Head());
    }

    private boolean has(String name) {
        return fault.equals(name);
    }

    private SequentialBlock features() {
        SequentialBlock net = new SequentialBlock();
        net.add(has("turned 0") ? new Own("conv", 4, 3, 3, 3) : first());
        Block norm = BatchNorm.builder().optEpsilon(has("epsilon 1") ? 1e-3f : 1e-5f).build();
        net.add(has("mode 1") ? new Frozen(norm) : norm);
        float slope = has("usual slope 2") ? 0.01f : has("odd slope 2") ? 0.37f : 0.2f;
        net.add(has("relu 2") ? Activation.reluBlock() : Activation.leakyReluBlock(slope));
        Shape two = new Shape(2, 2);
        Shape none = new Shape(0, 0);
        if (has("mean 3")) {
            net.add(Pool.avgPool2dBlock(two, two));
        } else {
            Shape stride = has("overlap 3") ? new Shape(1, 1) : two;
            net.add(Pool.maxPool2dBlock(two, stride, none, has("ceil 3")));
        }
        net.add(has("turned 4") ? new Own("conv", 6, 4, 2, 3) : second());
        net.add(has("relu 5") ? Activation.reluBlock() : Activation.geluBlock());
        net.add(has("maximum 6") ? Pool.maxPool2dBlock(two, two) : Pool.avgPool2dBlock(two, two));
        Block dropout = Dropout.builder().optRate(0.4f).build();
        net.add(has("mode 7") ? new Frozen(dropout) : dropout);
        net.add(
                has("channels last 8")
                        ? lambda(x -> x.transpose(0, 2, 3, 1).flatten(1, -1), "flatten")
                        : Blocks.batchFlattenBlock());
        return net;
    }

    private Block first() {
        Conv2d.Builder builder = Conv2d.builder().setFilters(4).setKernelShape(new Shape(3, 3));
        builder.optPadding(has("padding 0") ? new Shape(0, 0) : new Shape(1, 1));
        builder.optStride(has("stride 0") ? new Shape(2, 2) : new Shape(1, 1));
        builder.optDilation(has("dilation 0") ? new Shape(2, 2) : new Shape(1, 1));
        return builder.optBias(!has("bias 0")).build();
    }

    private Block second() {
        Conv2d.Builder builder = Conv2d.builder().setFilters(6).setKernelShape(new Shape(2, 3));
        builder.optPadding(has("padding 4") ? new Shape(1, 1) : new Shape(0, 0));
        return builder.optBias(!has("bias 4")).build();
    }

    private static Block lambda(Function<NDArray, NDArray> function, String name) {
        return LambdaBlock.singleton(function, name);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList in, boolean training, PairList<String, Object> params) {
        return head.forward(store, features.forward(store, in, training), training);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] in) {
        return head.getOutputShapes(features.getOutputShapes(in));
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType type, Shape... in) {
        features.initialize(manager, type, in);
        head.initialize(manager, type, features.getOutputShapes(in));
    }

    /** The dense end, of a class that adds to a sequence nothing but layers. */
    private final class Head extends SequentialBlock {

        Head() {
            add(Linear.builder().setUnits(8).optBias(!has("bias 9")).build());
            add(LayerNorm.builder().optEpsilon(has("epsilon 10") ? 1e-2f : 1e-5f).build());
            if (has("sigmoid 11")) {
                add(Activation.sigmoidBlock());
            } else if (has("nothing 11")) {
                add(Blocks.identityBlock());
            } else if (has("half 11")) {
                add(lambda(x -> x.tanh().mul(0.5f), "tanh"));
            } else {
                add(Activation.tanhBlock());
            }
            add(
                    has("transposed 12")
                            ? new Own("linear", 8, 8)
                            : Linear.builder().setUnits(8).optBias(!has("bias 12")).build());
            int axis = has("axis 13") ? 0 : 1;
            if (has("logarithm 13")) {
                add(lambda(x -> x.logSoftmax(1), "softmax"));
            } else if (has("dtype 13")) {
                add(lambda(x -> x.softmax(1).toType(DataType.FLOAT64, false), "softmax"));
            } else {
                add(lambda(x -> x.softmax(axis), "softmax"));
            }
        }
    }

    /** Never trains what it has. */
    private static final class Frozen extends AbstractBlock {

        private final Block inner;

        Frozen(Block inner) {
            this.inner = addChildBlock("inner", inner);
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore store, NDList in, boolean training, PairList<String, Object> p) {
            return inner.forward(store, in, false);
        }

        @Override
        public Shape[] getOutputShapes(Shape[] in) {
            return inner.getOutputShapes(in);
        }

        @Override
        protected void initializeChildBlocks(NDManager manager, DataType type, Shape... in) {
            inner.initialize(manager, type, in);
        }
    }

    /** A layer written by hand: a true convolution, or a product with the wrong side. */
    private static final class Own extends AbstractBlock {

        private final boolean isLinear;
        private final Parameter weight;
        private final Parameter bias;

        Own(String kind, long... sizes) {
            isLinear = "linear".equals(kind);
            weight = addParameter(parameter("weight", Parameter.Type.WEIGHT, sizes));
            bias = addParameter(parameter("bias", Parameter.Type.BIAS, sizes[0]));
        }

        private static Parameter parameter(String name, Parameter.Type type, long... sizes) {
            Shape shape = new Shape(sizes);
            return Parameter.builder().setName(name).setType(type).optShape(shape).build();
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore store, NDList in, boolean training, PairList<String, Object> p) {
            NDArray x = in.head();
            Device device = x.getDevice();
            NDArray w = store.getValue(weight, device, training);
            NDArray b = store.getValue(bias, device, training);
            if (isLinear) {
                return new NDList(x.matMul(w).add(b));
            }
            long padding = w.getShape().get(2) == 3 ? 1 : 0;
            Shape one = new Shape(1, 1);
            return Conv2d.conv2d(x, w.flip(2, 3), b, one, new Shape(padding, padding));
        }

        @Override
        public Shape[] getOutputShapes(Shape[] in) {
            if (isLinear) {
                return in;
            }
            Shape w = weight.getShape();
            long padding = w.get(2) == 3 ? 1 : 0;
            Shape x = in[0];
            long height = x.get(2) + 2 * padding - w.get(2) + 1;
            long width = x.get(3) + 2 * padding - w.get(3) + 1;
            return new Shape[] {new Shape(x.get(0), w.get(0), height, width)};
        }
    }
}
