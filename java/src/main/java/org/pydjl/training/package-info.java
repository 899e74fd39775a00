// SPDX-License-Identifier: Apache-2.0
/**
 * Learning a kernel from one input and its output, and what can go wrong with gradients.
 *
 * <p>Start with {@link org.pydjl.training.KernelLearner}; the chapter's exercise about gradients is
 * answered in {@link org.pydjl.training.PrintedLayer} and {@link
 * org.pydjl.training.GradientMistake}. The package imports DJL's API, the
 * operators of {@code org.pydjl.nn} and two classes of DJL's PyTorch engine, {@code JniUtils} and
 * {@code PtNDArray}: DJL's API can neither ask for the grad mode nor set a gradient to zero.
 */
package org.pydjl.training;
