package dev.weir.sql;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells what a SQL text is, by Postgres' lexical rules and one-sided rules over the tokens: in doubt a statement writes, and
 * what it does to its session is unknown. Time is linear in the text, whatever is in it, and nothing is nested on the stack.
 *
 * <p>What tokens cannot tell is not told: operators, casts, views, triggers and functions may do anything behind their
 * names. Functions of users are taken for writing ones; operators and casts are taken for harmless.
 */
public final class SqlJudge {

    /** One per thread; nothing in it outlasts a statement. */
    private static final ThreadLocal<StatementScan> SCANS = ThreadLocal.withInitial(StatementScan::new);

    private SqlJudge() {}

    /**
     * Judges a text.
     *
     * @param text bytes in an encoding whose bytes below 128 always are ASCII (not SJIS, BIG5, GBK, UHC, GB18030, JOHAB);
     *     no zero at the end
     * @param standardConformingStrings the server's parameter of this name: whether a backslash in '' is nothing special
     */
    public static Judgement judge(byte[] text, int offset, int length, boolean standardConformingStrings) {
        int end = offset + length;
        int at = offset;
        int count = 0;
        int marks = 0;
        StatementReader reader = null;
        StatementScan scan = SCANS.get();
        while (true) {
            int stop = scan.scan(text, at, end, standardConformingStrings);
            if (!scan.isEmpty()) {
                count++;
                marks |= scan.marks();
                if ((scan.marks() & StatementScan.CLOSER) != 0) {
                    if (reader == null) {
                        reader = new StatementReader(text, offset, standardConformingStrings);
                    }
                    marks |= reader.read(at, stop);
                }
            }
            if (stop == end) {
                break;
            }
            at = stop + 1;
        }
        return verdict(count, marks, reader);
    }

    private static Judgement verdict(int count, int marks, @Nullable StatementReader reader) {
        boolean reads = (marks & StatementScan.WRITES) == 0;
        int effects = reader == null ? 0 : reader.findings().effects();
        if ((marks & StatementScan.BROKEN) != 0) {
            effects |= Effect.UNJUDGED.bit();
            reads = false;
        }
        if (effects == 0) {
            return Judgement.plain(count, reads, reads && (marks & StatementScan.ALONE) == 0);
        }
        return Judgement.of(
                count,
                reads,
                effects,
                reader == null ? List.of() : reader.findings().details());
    }
}
