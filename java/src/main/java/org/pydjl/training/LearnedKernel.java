// SPDX-License-Identifier: Apache-2.0
package org.pydjl.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;

import java.util.Arrays;

/**
 * What {@link KernelLearner#learn} found. Immutable; it holds plain numbers and no NDArray, so
 * nothing has to be closed.
 *
 * <p>The numbers of a float32 run are widened to double, which is exact.
 */
public final class LearnedKernel {

    private final double[] losses;
    private final double[][] path;
    private final double[] biases;
    private final Shape kernelShape;
    private final Device device;

    private LearnedKernel(Recorder recorder, Shape kernelShape, Device device) {
        losses = recorder.losses;
        path = recorder.path;
        biases = recorder.biases;
        this.kernelShape = kernelShape;
        this.device = device;
    }

    /**
     * Returns the kernel from which the learning started.
     *
     * @return a copy of its weights, row by row
     */
    public double[] getInitial() {
        return path[0].clone();
    }

    /**
     * Returns the loss of each step, in order, as it was before that step's update.
     *
     * @return a copy of the losses, one for each step
     */
    public double[] getLosses() {
        return losses.clone();
    }

    /**
     * Returns the kernel after the last update.
     *
     * @return a copy of its weights, row by row
     */
    public double[] getWeight() {
        return path[losses.length].clone();
    }

    /**
     * Returns the kernel before the first step and after each one.
     *
     * @return a copy: its weights, row by row, for each number of updates from 0 on
     */
    public double[][] getPath() {
        return Arrays.stream(path).map(double[]::clone).toArray(double[][]::new);
    }

    /**
     * Returns the bias before the first step and after each one.
     *
     * @return a copy: the bias for each number of updates from 0 on; empty if none was learned
     */
    public double[] getBiases() {
        return biases.clone();
    }

    /**
     * Returns the kernel's shape.
     *
     * @return the shape (h, w)
     */
    public Shape getKernelShape() {
        return kernelShape;
    }

    /**
     * Returns the device on which the kernel was learned.
     *
     * @return the device of the input
     */
    public Device getDevice() {
        return device;
    }

    /** Writes down losses and parameters while they are learned. */
    static final class Recorder {

        private final double[] losses;
        private final double[][] path;
        private final double[] biases;
        private int updates;

        /** Starts with the parameters before the first step: the weight and perhaps the bias. */
        Recorder(int steps, NDList parameters) {
            losses = new double[steps];
            path = new double[steps + 1][];
            biases = new double[parameters.size() > 1 ? steps + 1 : 0];
            keep(parameters);
        }

        /** Adds the loss of a step and the parameters after it. */
        void add(NDArray loss, NDList parameters) {
            losses[updates] = toDoubles(loss)[0];
            updates++;
            keep(parameters);
        }

        LearnedKernel learned(Shape kernelShape, Device device) {
            return new LearnedKernel(this, kernelShape, device);
        }

        private void keep(NDList parameters) {
            path[updates] = toDoubles(parameters.get(0));
            if (biases.length > 0) {
                biases[updates] = toDoubles(parameters.get(1))[0];
            }
        }

        private static double[] toDoubles(NDArray array) {
            return Arrays.stream(array.toArray()).mapToDouble(Number::doubleValue).toArray();
        }
    }
}
