// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

/** Where DJL's log goes: Python's {@code logging} implements it. */
public interface LogSink {

    /**
     * Takes one record.
     *
     * @param logger the name of the logger, a class name as a rule
     * @param level the level as {@link java.util.logging.Level#intValue()} numbers it
     * @param message the formatted message, with the stack trace of its exception if it has one
     */
    void log(String logger, int level, String message);
}
