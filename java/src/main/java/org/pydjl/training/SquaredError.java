// SPDX-License-Identifier: Apache-2.0
package org.pydjl.training;

import ai.djl.ndarray.NDArray;

/**
 * The loss of kernel learning: how the squared differences between output and prediction become one
 * number. Learning rates are meant for one of them: on the chapter's data the gradient of the sum
 * is 84 times that of the mean of halves.
 */
public enum SquaredError {

    /**
     * The mean of half the squared differences: what DJL's {@code L2Loss} computes, in its order,
     * although its documentation says the sum.
     */
    MEAN_OF_HALVES {
        @Override
        NDArray of(NDArray y, NDArray prediction, NDArray half) {
            // Not DJL's L2Loss: it multiplies by a Java number, and what autograd keeps of that for
            // backward is memory that Java may have freed by then.
            return y.sub(prediction).square().mul(half).mean();
        }
    },

    /** The sum of the squared differences. */
    SUM {
        @Override
        NDArray of(NDArray y, NDArray prediction, NDArray half) {
            return y.sub(prediction).square().sum();
        }
    };

    /** The loss, given 0.5 as an array of the type and on the device of both. */
    abstract NDArray of(NDArray y, NDArray prediction, NDArray half);
}
