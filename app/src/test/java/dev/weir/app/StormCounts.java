package dev.weir.app;

import java.util.concurrent.atomic.LongAdder;

/** What has happened in a storm, counted by its clients. Safe for all threads. */
final class StormCounts {
    /** Requests that were answered up to their ReadyForQuery. */
    final LongAdder statements = new LongAdder();

    final LongAdder cancelsAsked = new LongAdder();

    /** Statements that ended by 57014. */
    final LongAdder canceled = new LongAdder();

    /** Clients that left amid a statement. */
    final LongAdder left = new LongAdder();

    /** Sessions that ended because somebody killed the server process. */
    final LongAdder lost = new LongAdder();
}
