// SPDX-License-Identifier: Apache-2.0
package org.pydjl.lab;

/** Which part of the overlap of a signal and a kernel is computed, by SciPy's names. */
public enum Mode {
    /** Only where the whole kernel lies on the input: n - k + 1 positions. */
    VALID,
    /** As many positions as the input has, from the middle of the full output. */
    SAME,
    /** Wherever kernel and input touch: n + k - 1 positions. */
    FULL;

    /**
     * Returns how many zeros stand before the input of a true convolution.
     *
     * <p>The full output is cut from its element (k - 1) / 2 on, so that an even kernel has one
     * zero more before the input than after it.
     *
     * @param extent how many elements of the input the kernel spans
     */
    long zerosBefore(long extent) {
        if (this == SAME) {
            return extent / 2;
        }
        return this == FULL ? extent - 1 : 0;
    }

    /**
     * Returns how many zeros stand on both sides of the input together.
     *
     * @param extent how many elements of the input the kernel spans
     */
    long zeros(long extent) {
        if (this == FULL) {
            return 2 * (extent - 1);
        }
        return this == SAME ? extent - 1 : 0;
    }
}
