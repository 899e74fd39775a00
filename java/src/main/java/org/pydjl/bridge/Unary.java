// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.ndarray.NDArray;

import java.util.function.UnaryOperator;

/** Operations on one array, element by element, with a result of the same shape. */
public enum Unary {
    /** Absolute value. */
    ABS(NDArray::abs),
    /** Inverse cosine, in radians. */
    ACOS(NDArray::acos),
    /** Inverse sine, in radians. */
    ASIN(NDArray::asin),
    /** Inverse tangent, in radians. */
    ATAN(NDArray::atan),
    /** Smallest integer that is not less. */
    CEIL(NDArray::ceil),
    /** Cosine of radians. */
    COS(NDArray::cos),
    /** Hyperbolic cosine. */
    COSH(NDArray::cosh),
    /** A copy in new memory. */
    DUPLICATE(NDArray::duplicate),
    /** Error function. */
    ERF(NDArray::erf),
    /** Exponential. */
    EXP(NDArray::exp),
    /** Largest integer that is not greater. */
    FLOOR(NDArray::floor),
    /** Whether an element is infinite. */
    IS_INFINITE(NDArray::isInfinite),
    /** Whether an element is not a number. */
    IS_NAN(NDArray::isNaN),
    /** Natural logarithm. */
    LOG(NDArray::log),
    /** Logarithm to base 2. */
    LOG2(NDArray::log2),
    /** Logarithm to base 10. */
    LOG10(NDArray::log10),
    /** Logical negation. */
    LOGICAL_NOT(NDArray::logicalNot),
    /** Negative value. */
    NEG(NDArray::neg),
    /** Rectified linear unit. */
    RELU(x -> x.getNDArrayInternal().relu()),
    /** Nearest integer; halves go to the even one. */
    ROUND(NDArray::round),
    /** Logistic function. */
    SIGMOID(x -> ai.djl.nn.Activation.sigmoid(x)),
    /** Sign: −1, 0 or 1. */
    SIGN(NDArray::sign),
    /** Sine of radians. */
    SIN(NDArray::sin),
    /** Hyperbolic sine. */
    SINH(NDArray::sinh),
    /** Square root. */
    SQRT(NDArray::sqrt),
    /** Square. */
    SQUARE(NDArray::square),
    /** The same memory without its history of operations. */
    STOP_GRADIENT(NDArray::stopGradient),
    /** Tangent of radians. */
    TAN(NDArray::tan),
    /** Hyperbolic tangent. */
    TANH(NDArray::tanh),
    /** The integer part. */
    TRUNC(NDArray::trunc);

    private final UnaryOperator<NDArray> operator;

    Unary(UnaryOperator<NDArray> operator) {
        this.operator = operator;
    }

    /**
     * Applies the operation.
     *
     * @param x the handle of the array; lent
     * @return the handle of the result, 0 for a failure
     */
    public long apply(long x) {
        return Loan.forHandle(x, operator);
    }
}
