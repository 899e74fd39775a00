// SPDX-License-Identifier: Apache-2.0
/**
 * Learning a kernel from one input and its output.
 *
 * <p>Start with {@link org.pydjl.training.KernelLearner}. The package imports DJL's API, the
 * operators of {@code org.pydjl.nn} and two classes of DJL's PyTorch engine, {@code JniUtils} and
 * {@code PtNDArray}: DJL's API can neither ask for the grad mode nor set a gradient to zero.
 */
package org.pydjl.training;
