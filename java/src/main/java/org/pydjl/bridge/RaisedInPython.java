// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

/** An exception that Python raised while Java called it; Python implements this. */
public interface RaisedInPython {

    /**
     * Describes the exception.
     *
     * @return its type and message
     */
    String describe();
}
