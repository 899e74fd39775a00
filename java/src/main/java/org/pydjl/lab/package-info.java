// SPDX-License-Identifier: Apache-2.0
/**
 * The convolution laboratory: cross-correlation and convolution computed in several ways, as a sum
 * over windows, by Fourier transform, as a matrix product, as a sparse matrix, with the Jacobians.
 *
 * <p>Start with {@link org.pydjl.lab.Correlation} and {@link org.pydjl.lab.Geometry}; the others
 * build on these. The package imports DJL's API, and of DJL's PyTorch engine what that API lacks:
 * sparse arrays of a tensor's own values, and the grad mode. Every method returns an array in the
 * manager of its first argument, which the caller closes, and frees what it took to compute it.
 */
package org.pydjl.lab;
