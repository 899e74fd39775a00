// SPDX-License-Identifier: Apache-2.0
package org.pydjl.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;

/**
 * Ways to ask DJL's PyTorch engine for gradients that end in an error, each with what the engine
 * then says. They answer the chapter's second exercise, which asks for the error message.
 *
 * <p>Source: Dive into Deep Learning, DJL edition, 6.2.7, exercise 2.
 */
public enum GradientMistake {

    /** To go back from a result of arrays none of which requires a gradient. */
    NOTHING_REQUIRES_A_GRADIENT {
        @Override
        void make(NDArray w, GradientCollector collector) {
            collector.backward(w.square().sum());
        }
    },

    /** To ask an array for a gradient that it was never told to keep. */
    NO_GRADIENT_WAS_ATTACHED {
        @Override
        void make(NDArray w, GradientCollector collector) {
            w.getGradient();
        }
    },

    /** To update a parameter in place while the collector still records. */
    UPDATE_WHILE_RECORDING {
        @Override
        void make(NDArray w, GradientCollector collector) {
            w.setRequiresGradient(true);
            collector.backward(w.square().sum());
            w.subi(w.getGradient());
        }
    },

    /** To open a second collector while one is open. */
    SECOND_COLLECTOR {
        @Override
        void make(NDArray w, GradientCollector collector) {
            w.getManager().getEngine().newGradientCollector();
        }
    };

    /**
     * Makes the mistake with a kernel of two weights, and cleans up after it.
     *
     * @param parent the manager of what is made for it and closed again
     * @return the engine's message
     * @throws IllegalStateException if the engine does not mind, or if a collector is open already
     */
    public String message(NDManager parent) {
        try (NDManager manager = parent.newSubManager();
                GradientCollector collector = manager.getEngine().newGradientCollector()) {
            try {
                make(manager.ones(new Shape(1, 2)), collector);
            } catch (RuntimeException refusal) { // the engine throws several kinds
                return refusal.getMessage();
            }
        }
        throw new IllegalStateException("The engine does not refuse " + this + ".");
    }

    /** Makes the mistake with an array that requires no gradient yet, in an open collector. */
    abstract void make(NDArray w, GradientCollector collector);
}
