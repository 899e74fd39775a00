// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

/**
 * A torch module that Java calls back; Python implements it. Where it fails, it tells {@link
 * CallbackFailure#report} what was raised.
 */
public interface ModuleCallback {

    /**
     * Runs the module.
     *
     * @param inputs the handles of the inputs, which go on belonging to Java
     * @param training whether it is being trained
     * @return the handles of the outputs, which from now on belong to Java; null if it failed
     */
    long[] forward(long[] inputs, boolean training);

    /**
     * Gives every parameter its shape and values, and sees that the block has them.
     *
     * @param inputs the shapes of the inputs
     * @return whether it succeeded
     */
    boolean prepare(long[][] inputs);

    /**
     * Writes values that Java has loaded into the module's own tensors.
     *
     * @return whether it succeeded
     */
    boolean takeLoaded();

    /**
     * Tells the shapes of the outputs for inputs of given shapes.
     *
     * @param inputs the shapes of the inputs
     * @return the shapes of the outputs; null if the module failed
     */
    long[][] outputShapes(long[][] inputs);

    /**
     * Describes the module.
     *
     * @return its {@code repr}
     */
    String describe();
}
