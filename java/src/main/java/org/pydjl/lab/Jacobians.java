// SPDX-License-Identifier: Apache-2.0
package org.pydjl.lab;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;

import java.util.function.Supplier;

/**
 * The Jacobians of a cross-correlation from DJL's autograd: the derivative of each output element
 * by each element of the input, or by each cell of the kernels.
 *
 * <p>One backward pass gives all rows: the layer runs on a copy of the input, or of the kernels,
 * for each output element, and from each copy's result only that element is kept. The closed forms
 * are {@link Toeplitz#matrix} and {@link Toeplitz#windows}.
 */
public final class Jacobians {

    private Jacobians() {}

    /**
     * Computes the derivative by the input.
     *
     * @param x the input, (C_in, sizes), of floating numbers; not modified
     * @param weight the kernels, (C_out, C_in / groups, sizes), of the same type; not modified
     * @param geometry how the kernels move
     * @return a row for each output element, a column for each input element, both counted row by
     *     row; outside of any graph
     * @throws IllegalArgumentException if types, devices or shapes do not fit together
     * @throws IllegalStateException if a gradient collector is open in this JVM
     */
    public static NDArray byInput(NDArray x, NDArray weight, Geometry geometry) {
        return withoutGraph(
                x,
                weight,
                geometry,
                (work, copies) -> {
                    NDArray inputs = repeated(work, x, copies);
                    NDArray kernels = Operands.view(work, weight, weight.getShape()).duplicate();
                    return gradient(
                            inputs,
                            copies,
                            () -> Operands.layer(inputs, kernels, null, geometry));
                });
    }

    /**
     * Computes the derivative by the kernels.
     *
     * @param x the input, (C_in, sizes), of floating numbers; not modified
     * @param weight the kernels, (C_out, C_in / groups, sizes), of the same type; not modified
     * @param geometry how the kernels move
     * @return a row for each output element, a column for each cell of the kernels, both counted
     *     row by row; outside of any graph
     * @throws IllegalArgumentException if types, devices or shapes do not fit together
     * @throws IllegalStateException if a gradient collector is open in this JVM
     */
    public static NDArray byKernel(NDArray x, NDArray weight, Geometry geometry) {
        return withoutGraph(
                x,
                weight,
                geometry,
                (work, copies) -> {
                    Shape one = weight.getShape();
                    NDArray kernels = repeated(work, weight, copies);
                    Shape sizes = x.getShape().slice(1);
                    Shape stacked = new Shape(1, copies * x.getShape().get(0)).addAll(sizes);
                    NDArray inputs = repeated(work, x, copies).reshape(stacked);
                    // Each copy of the kernels sees its own copy of the channels.
                    Geometry apart = geometry.withGroups(copies * geometry.groups());
                    Shape side = new Shape(copies * one.get(0)).addAll(one.slice(1));
                    return gradient(
                            kernels,
                            copies,
                            () -> Operands.layer(inputs, kernels.reshape(side), null, apart));
                });
    }

    private static NDArray withoutGraph(
            NDArray x, NDArray weight, Geometry geometry, Computation computation) {
        Operands.check(x, weight);
        if (!x.getDataType().isFloating()) {
            throw new IllegalArgumentException(
                    "x has the data type "
                            + x.getDataType()
                            + ", but autograd takes floating numbers; convert it with toType.");
        }
        Operands.checkChannels(x.getShape(), weight.getShape(), geometry);
        Shape sizes =
                geometry.outputShape(x.getShape().slice(1), weight.getShape().slice(2));
        int outputs = Math.toIntExact(weight.getShape().get(0) * sizes.size());
        boolean gradMode = JniUtils.isGradMode();
        // Copies that are made while nothing is recorded belong to no graph.
        JniUtils.setGradMode(false);
        try (NDManager work = x.getManager().newSubManager(x.getDevice())) {
            NDArray jacobian = computation.run(work, outputs);
            jacobian.attach(x.getManager());
            return jacobian;
        } finally {
            JniUtils.setGradMode(gradMode);
        }
    }

    private static NDArray repeated(NDManager work, NDArray array, long copies) {
        Shape shape = array.getShape();
        return Operands.view(work, array, new Shape(1).addAll(shape))
                .broadcast(new Shape(copies).addAll(shape))
                .duplicate();
    }

    private static NDArray gradient(
            NDArray variable, int outputs, Supplier<NDArray> layer) {
        NDManager manager = variable.getManager();
        DataType type = variable.getDataType();
        NDArray kept = manager.eye(outputs, outputs, 0, type);
        variable.setRequiresGradient(true);
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            collector.backward(layer.get().reshape(outputs, outputs).mul(kept).sum());
        }
        return variable.getGradient().reshape(outputs, variable.getShape().slice(1).size());
    }

    private interface Computation {

        NDArray run(NDManager work, int copies);
    }
}
