package dev.weir.bench;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Counts the system calls of a running process, all its threads. */
sealed interface CallCounter permits PerfCalls, StraceCalls {
    /** For the report. */
    String program();

    /**
     * Counts for some seconds.
     *
     * @param window set to the counted time, if that is not all of the call
     */
    Calls count(long process, int seconds, PgbenchRun.Window window)
            throws IOException, BenchFailure, InterruptedException;

    /**
     * What was counted.
     *
     * @param byName calls by name; those of a name that was not asked for are under "other"
     */
    record Calls(Map<String, Long> byName, double seconds) {
        private static final int NAMES_SHOWN = 6;

        public Calls {
            byName = Map.copyOf(byName);
        }

        double perSecond() {
            return byName.values().stream().mapToLong(Long::longValue).sum() / seconds;
        }

        /** The most frequent, for each transaction: {@code "recvfrom 1.02, sendto 1.00"}. */
        String frequent(double transactionsPerSecond) {
            List<Map.Entry<String, Long>> sorted = byName.entrySet().stream()
                    .filter(entry -> entry.getValue() > 0)
                    .sorted(Map.Entry.<String, Long>comparingByValue()
                            .reversed()
                            .thenComparing(Map.Entry.comparingByKey(Comparator.naturalOrder())))
                    .toList();
            return sorted.stream()
                    .limit(NAMES_SHOWN)
                    .map(entry -> entry.getKey() + " "
                            + Figures.twoDecimals(entry.getValue() / seconds / transactionsPerSecond))
                    .collect(Collectors.joining(", "));
        }
    }
}
