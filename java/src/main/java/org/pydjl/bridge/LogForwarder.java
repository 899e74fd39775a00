// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Sends every record of {@code java.util.logging}, where slf4j's binding writes, to a sink. */
public final class LogForwarder extends Handler {

    private final LogSink sink;
    private final Formatter messages = new SimpleFormatter();

    private LogForwarder(LogSink sink) {
        this.sink = sink;
    }

    /**
     * Makes a sink the only place where the log goes; nothing is printed any more.
     *
     * @param sink where records go
     * @param level the least level that is sent, as {@link Level#intValue()} numbers it
     */
    public static void install(LogSink sink, int level) {
        LogManager.getLogManager().reset();
        Logger root = Logger.getLogger("");
        root.setLevel(Level.parse(Integer.toString(level)));
        root.addHandler(new LogForwarder(sink));
    }

    @Override
    public void publish(LogRecord record) {
        StringBuilder text = new StringBuilder(messages.formatMessage(record));
        if (record.getThrown() != null) {
            StringWriter trace = new StringWriter();
            record.getThrown().printStackTrace(new PrintWriter(trace));
            text.append('\n').append(trace);
        }
        sink.log(record.getLoggerName(), record.getLevel().intValue(), text.toString());
    }

    @Override
    public void flush() {
        // Python's handlers flush themselves.
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
