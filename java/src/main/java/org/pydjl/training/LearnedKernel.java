// SPDX-License-Identifier: Apache-2.0
package org.pydjl.training;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;

/**
 * What {@link KernelLearner#learn} found. Immutable; it holds plain numbers and no NDArray, so
 * nothing has to be closed.
 *
 * <p>The numbers of a float32 run are widened to double, which is exact.
 */
public final class LearnedKernel {

    private final double[] initial;
    private final double[] losses;
    private final double[] weight;
    private final Shape kernelShape;
    private final Device device;

    LearnedKernel(
            double[] initial, double[] losses, double[] weight, Shape kernelShape, Device device) {
        this.initial = initial;
        this.losses = losses;
        this.weight = weight;
        this.kernelShape = kernelShape;
        this.device = device;
    }

    /**
     * Returns the kernel from which the learning started.
     *
     * @return a copy of its weights, row by row
     */
    public double[] getInitial() {
        return initial.clone();
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
        return weight.clone();
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
}
