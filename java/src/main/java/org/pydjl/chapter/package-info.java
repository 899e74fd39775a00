// SPDX-License-Identifier: Apache-2.0
/**
 * The chapter "Convolutions for Images" as a program, without Python.
 *
 * <p>Start with {@link org.pydjl.chapter.ConvLayer}, which is all there is; the learning rate and
 * the number of steps are its constants. The package imports DJL's API, {@code org.pydjl.nn} and
 * {@code org.pydjl.training}.
 */
package org.pydjl.chapter;
