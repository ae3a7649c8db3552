package dev.weir.bench;

import java.util.StringTokenizer;

/**
 * The fields of a line of {@code /proc/<pid>/stat} that are needed here (source: manual page proc_pid_stat(5)).
 *
 * @param ownTicks user and system time of the process, all its threads, in clock ticks
 * @param reapedTicks the same of its ended children that it has waited for
 */
record ProcStat(long pid, String command, long parent, long ownTicks, long reapedTicks) {

    /** @throws IllegalArgumentException when the line has not the form */
    static ProcStat parse(String line) {
        // The command's name may hold spaces and parentheses: it ends at the last one.
        int open = line.indexOf('(');
        int close = line.lastIndexOf(')');
        if (open < 1 || close < open) {
            throw new IllegalArgumentException("not a line of /proc/<pid>/stat: " + line);
        }
        StringTokenizer rest = new StringTokenizer(line.substring(close + 1));
        if (rest.countTokens() < 15) {
            throw new IllegalArgumentException("a line of /proc/<pid>/stat is too short: " + line);
        }
        rest.nextToken(); // state
        long parent = Long.parseLong(rest.nextToken());
        for (int skipped = 0; skipped < 9; skipped++) {
            rest.nextToken(); // pgrp session tty_nr tpgid flags minflt cminflt majflt cmajflt
        }
        long own = Long.parseLong(rest.nextToken()) + Long.parseLong(rest.nextToken());
        long reaped = Long.parseLong(rest.nextToken()) + Long.parseLong(rest.nextToken());
        return new ProcStat(
                Long.parseLong(line.substring(0, open).strip()), line.substring(open + 1, close), parent, own, reaped);
    }
}
