// SPDX-License-Identifier: Apache-2.0

/**
 * The only package whose names Python uses: static entry points that take native handles.
 *
 * <p>A handle is the address of an {@code at::Tensor} on the heap. A handle that is passed in
 * belongs to Java from then on and is freed before the call returns, also when it fails; a handle
 * that is returned belongs to the caller. Every call works in a manager of its own, so that no
 * temporary outlives it. Gradient mode is left to the caller: operations follow the mode of the
 * calling thread.
 *
 * <p>The room may import {@code org.pydjl.nn.*}, {@code org.pydjl.training}, {@code
 * org.pydjl.chapter} and {@code org.pydjl.lab}; nothing imports it. Start reading at {@link
 * org.pydjl.bridge.Call}.
 */
package org.pydjl.bridge;
