// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

/** Thrown in Java where a call of Python failed; it carries what Python raised. */
public final class CallbackFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private static final ThreadLocal<RaisedInPython> REPORTED = new ThreadLocal<>();

    private final transient RaisedInPython raised;

    private CallbackFailure(RaisedInPython raised) {
        super(raised == null ? "a call of Python failed" : raised.describe());
        this.raised = raised;
    }

    /**
     * Tells what Python raised; Python calls this before it returns null to Java.
     *
     * @param raised the exception
     */
    public static void report(RaisedInPython raised) {
        REPORTED.set(raised);
    }

    /** Returns the failure that this thread's last call of Python reported, to be thrown. */
    static CallbackFailure reported() {
        CallbackFailure failure = new CallbackFailure(REPORTED.get());
        REPORTED.remove();
        return failure;
    }

    /**
     * Throws a failure again, which gives a Python exception that JPype has wrapped back to Python.
     *
     * @param failure the failure
     * @throws Throwable always
     */
    public static void rethrow(Throwable failure) throws Throwable {
        throw failure;
    }

    /**
     * Returns what Python raised.
     *
     * @return the exception; null if it was not reported
     */
    public RaisedInPython getRaised() {
        return raised;
    }
}
