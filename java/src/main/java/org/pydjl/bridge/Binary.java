// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.ndarray.NDArray;

import java.util.function.BinaryOperator;

/** Operations on two arrays that are broadcast together, and the matrix products. */
public enum Binary {
    /** Sum. */
    ADD(NDArray::add),
    /** Inverse tangent of the quotient, in radians, in the right quadrant. */
    ATAN2(NDArray::atan2),
    /** Quotient. */
    DIV(NDArray::div),
    /** Equal, element by element. */
    EQ(NDArray::eq),
    /** Greater. */
    GT(NDArray::gt),
    /** Greater or equal. */
    GTE(NDArray::gte),
    /** Logical and. */
    LOGICAL_AND(NDArray::logicalAnd),
    /** Logical or. */
    LOGICAL_OR(NDArray::logicalOr),
    /** Logical exclusive or. */
    LOGICAL_XOR(NDArray::logicalXor),
    /** Less. */
    LT(NDArray::lt),
    /** Less or equal. */
    LTE(NDArray::lte),
    /** Matrix product over the last two dimensions. */
    MATMUL(NDArray::matMul),
    /** The greater of two. */
    MAXIMUM(NDArray::maximum),
    /** The smaller of two. */
    MINIMUM(NDArray::minimum),
    /** Remainder with the sign of the divisor. */
    MOD(NDArray::mod),
    /** Product. */
    MUL(NDArray::mul),
    /** Not equal, element by element. */
    NEQ(NDArray::neq),
    /** Power. */
    POW(NDArray::pow),
    /** Difference. */
    SUB(NDArray::sub);

    private final BinaryOperator<NDArray> operator;

    Binary(BinaryOperator<NDArray> operator) {
        this.operator = operator;
    }

    /**
     * Applies the operation.
     *
     * @param a the handle of the left operand; lent
     * @param b the handle of the right operand; lent
     * @return the handle of the result, 0 for a failure
     */
    public long apply(long a, long b) {
        return Loan.forHandle(a, b, operator);
    }
}
