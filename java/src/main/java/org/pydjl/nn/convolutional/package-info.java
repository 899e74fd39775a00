// SPDX-License-Identifier: Apache-2.0
/**
 * The chapter's own operator, layer and edge detector, on DJL's NDArrays.
 *
 * <p>Start with {@link org.pydjl.nn.convolutional.CrossCorrelation}; the others build on it. The
 * package imports DJL's API and nothing of this project.
 */
package org.pydjl.nn.convolutional;
