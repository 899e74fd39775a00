// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.nn.Block;
import org.pydjl.nn.convolutional.ResNetStem;

/** The first layers of known networks, as blocks for Python to drive. */
public final class Stems {

    private Stems() {}

    /**
     * Creates the first layers of ResNet-18.
     *
     * @return the block, not initialized
     */
    public static Block resNet() {
        return ResNetStem.create();
    }
}
