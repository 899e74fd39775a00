// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.ndarray.NDArray;

import java.util.function.BinaryOperator;

/** Operations that write their result into the left operand's memory. */
public enum InPlace {
    /** Adds. */
    ADD(NDArray::addi),
    /** Divides. */
    DIV(NDArray::divi),
    /** Takes the remainder. */
    MOD(NDArray::modi),
    /** Multiplies. */
    MUL(NDArray::muli),
    /** Raises to a power. */
    POW(NDArray::powi),
    /** Subtracts. */
    SUB(NDArray::subi);

    private final BinaryOperator<NDArray> operator;

    InPlace(BinaryOperator<NDArray> operator) {
        this.operator = operator;
    }

    /**
     * Applies the operation.
     *
     * @param a the handle of the array that is changed; freed
     * @param b the handle of the right operand; freed
     * @return true, or false for a failure
     */
    public boolean apply(long a, long b) {
        return Call.forEffect(call -> operator.apply(call.take(a), call.take(b)));
    }
}
