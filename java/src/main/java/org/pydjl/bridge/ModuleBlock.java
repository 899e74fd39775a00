// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

import java.io.DataInputStream;
import java.io.IOException;
import java.util.Arrays;

/**
 * A torch module as a DJL block: its forward pass is Python's, its parameters are the module's own
 * tensors, so that DJL's trainer and torch's optimizers change the same memory.
 */
public final class ModuleBlock extends AbstractBlock {

    private static final byte VERSION = 1;

    private final ModuleCallback module;

    /**
     * Creates a block without parameters.
     *
     * @param module the module
     */
    public ModuleBlock(ModuleCallback module) {
        super(VERSION);
        this.module = module;
    }

    /**
     * Returns the module.
     *
     * @return what was given to the constructor
     */
    public ModuleCallback getModule() {
        return module;
    }

    /**
     * Adds a parameter, or a buffer, that has no array yet.
     *
     * @param name its name
     * @return the parameter, to be bound to a tensor
     */
    public BoundParameter add(String name) {
        return new BoundParameter(
                addParameter(
                        Parameter.builder().setName(name).setType(Parameter.Type.OTHER).build()));
    }

    /** {@inheritDoc} */
    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        long[] handles =
                inputs.stream().mapToLong(array -> ((PtNDArray) array).getHandle()).toArray();
        long[] outputs = module.forward(handles, training);
        if (outputs == null) {
            throw CallbackFailure.reported();
        }
        PtNDManager manager = (PtNDManager) inputs.head().getManager();
        NDList results = new NDList(outputs.length);
        for (long output : outputs) {
            results.add(new PtNDArray(manager, output));
        }
        return results;
    }

    /** {@inheritDoc} */
    @Override
    protected void prepare(Shape[] inputShapes) {
        if (!module.prepare(sizes(inputShapes))) {
            throw CallbackFailure.reported();
        }
    }

    /** {@inheritDoc} */
    @Override
    public void loadParameters(NDManager manager, DataInputStream is)
            throws IOException, MalformedModelException {
        super.loadParameters(manager, is);
        if (!module.takeLoaded()) {
            throw CallbackFailure.reported();
        }
    }

    /** {@inheritDoc} */
    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        long[][] outputs = module.outputShapes(sizes(inputShapes));
        if (outputs == null) {
            throw CallbackFailure.reported();
        }
        return Arrays.stream(outputs).map(Shape::new).toArray(Shape[]::new);
    }

    private static long[][] sizes(Shape[] shapes) {
        return Arrays.stream(shapes).map(Shape::getShape).toArray(long[][]::new);
    }

    /** {@inheritDoc} */
    @Override
    public String toString() {
        return module.describe();
    }
}
