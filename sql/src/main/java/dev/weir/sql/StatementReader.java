package dev.weir.sql;

import dev.weir.sql.SessionStatement.Deallocate;
import dev.weir.sql.SessionStatement.Discard;
import dev.weir.sql.SessionStatement.Execute;
import dev.weir.sql.SessionStatement.Listen;
import dev.weir.sql.SessionStatement.Notify;
import dev.weir.sql.SessionStatement.Prepare;
import dev.weir.sql.SessionStatement.Target;
import dev.weir.sql.SessionStatement.Transaction;
import dev.weir.sql.SessionStatement.Unlisten;
import dev.weir.sql.SessionStatement.Verb;

/** Reads what is conspicuous of the statements of one text: what they are by their first words, then what they call. */
final class StatementReader {
    private final byte[] text;
    private final int offset;
    private final boolean standardStrings;
    private final Findings findings = new Findings();

    StatementReader(byte[] text, int offset, boolean standardStrings) {
        this.text = text;
        this.offset = offset;
        this.standardStrings = standardStrings;
    }

    Findings findings() {
        return findings;
    }

    /** Reads a statement; returns marks of {@link StatementScan} that its scan could not give. */
    int read(int from, int to) {
        Tokens tokens = new Tokens(text, from, to, standardStrings, findings);
        Keyword head = tokens.keyword();
        if (head == null) {
            head = Keyword.SELECT; // with parentheses around it
        }
        boolean explained = head == Keyword.EXPLAIN;
        if (explained) {
            tokens.advance();
            skipExplainOptions(tokens);
            head = tokens.keyword();
        }
        // Only these two do something of their own behind EXPLAIN.
        boolean plan = explained && head != Keyword.CREATE && head != Keyword.EXECUTE;
        boolean looksInside = head == null || plan || readHead(tokens, head, from, to);
        if (looksInside) {
            new CallReader(findings).read(text, from, to, standardStrings);
        }
        if (head == Keyword.COPY && !explained) {
            return sendsToClient(new Tokens(text, from, to, standardStrings, findings)) ? 0 : StatementScan.WRITES;
        }
        boolean query = head == null ? tokens.is(Lexer.OPEN) : (head.traits & Traits.QUERY) != 0;
        return explained && !query ? StatementScan.WRITES : 0;
    }

    /** Whether a COPY ends in the client, not in a table, a file or a program. */
    private static boolean sendsToClient(Tokens tokens) {
        int depth = 0;
        while (!tokens.is(Lexer.END)) {
            depth += tokens.is(Lexer.OPEN) ? 1 : tokens.is(Lexer.CLOSE) ? -1 : 0;
            if (depth == 0 && tokens.take(Keyword.TO)) {
                return tokens.is(Keyword.STDOUT);
            }
            tokens.advance();
        }
        return false;
    }

    private static void skipExplainOptions(Tokens tokens) {
        if (!tokens.is(Lexer.OPEN)) {
            while (tokens.is(Keyword.ANALYZE) || tokens.is(Keyword.ANALYSE) || tokens.is(Keyword.VERBOSE)) {
                tokens.advance();
            }
            return;
        }
        Tokens inside = tokens.copy();
        inside.advance();
        Keyword first = inside.keyword();
        if (inside.is(Lexer.OPEN) || (first != null && (first.traits & Traits.QUERY) != 0)) {
            return; // a query in parentheses
        }
        while (!tokens.is(Lexer.CLOSE) && !tokens.is(Lexer.END)) {
            tokens.advance();
        }
        tokens.advance();
    }

    /** Reads a statement by its first word; returns whether function calls in it are of interest. */
    private boolean readHead(Tokens tokens, Keyword head, int from, int to) {
        tokens.advance();
        switch (head) {
            case BEGIN, START -> transaction(Verb.BEGIN, false);
            case COMMIT, END -> end(tokens, Verb.COMMIT, Verb.COMMIT_PREPARED);
            case ROLLBACK, ABORT -> rollback(tokens);
            case SAVEPOINT -> transaction(Verb.SAVEPOINT, false);
            case RELEASE -> transaction(Verb.RELEASE, false);
            case SET -> SetReader.set(tokens, findings);
            case RESET -> SetReader.reset(tokens, findings);
            case PREPARE -> prepare(tokens);
            case EXECUTE -> execute(tokens);
            case DEALLOCATE -> deallocate(tokens);
            case LISTEN -> findings.add(Effect.LISTEN, new Listen(tokens.takeName()));
            case UNLISTEN -> findings.add(Effect.UNLISTEN, new Unlisten(tokens.is('*') ? null : tokens.takeName()));
            case NOTIFY -> findings.add(Effect.NOTIFY, new Notify(tokens.takeName()));
            case DISCARD -> discard(tokens);
            case CREATE -> {
                return new CreateReader(offset, findings).read(tokens);
            }
            case ALTER -> CreateReader.findTemporary(tokens, findings);
            case DROP -> findings.add(Effect.DROP);
            case LOAD -> findings.add(Effect.LOAD);
            case COPY -> findings.add(Effect.COPY);
            case DO, CALL -> LooseWords.find(text, from, to, standardStrings, findings);
            case DECLARE -> declare(tokens);
            case CLOSE -> findings.add(Effect.CLOSE_CURSOR);
            default -> {}
        }
        return true;
    }

    private void transaction(Verb verb, boolean chain) {
        findings.add(Effect.TRANSACTION, new Transaction(verb, chain));
    }

    private void end(Tokens tokens, Verb verb, Verb prepared) {
        if (tokens.take(Keyword.PREPARED)) {
            transaction(prepared, false);
            return;
        }
        takeTransactionWord(tokens);
        boolean and = tokens.take(Keyword.AND);
        transaction(verb, and && tokens.is(Keyword.CHAIN));
    }

    private static void takeTransactionWord(Tokens tokens) {
        if (tokens.is(Keyword.WORK) || tokens.is(Keyword.TRANSACTION)) {
            tokens.advance();
        }
    }

    private void rollback(Tokens tokens) {
        Tokens ahead = tokens.copy();
        takeTransactionWord(ahead);
        if (ahead.is(Keyword.TO)) {
            transaction(Verb.ROLLBACK_TO, false);
        } else {
            end(tokens, Verb.ROLLBACK, Verb.ROLLBACK_PREPARED);
        }
    }

    private void prepare(Tokens tokens) {
        if (tokens.is(Keyword.TRANSACTION)) {
            Tokens ahead = tokens.copy();
            ahead.advance();
            if (ahead.is(Lexer.STRING)) {
                transaction(Verb.PREPARE_TRANSACTION, false);
                return;
            }
        }
        int start = tokens.start();
        String name = tokens.takeName();
        findings.add(Effect.PREPARE, new Prepare(name, start - offset, tokens.endOfName(start) - offset));
    }

    private void execute(Tokens tokens) {
        findings.add(Effect.EXECUTE, executed(tokens, offset));
    }

    /** @param tokens stand at the name */
    static Execute executed(Tokens tokens, int offset) {
        int start = tokens.start();
        String name = tokens.takeName();
        return new Execute(name, start - offset, tokens.endOfName(start) - offset);
    }

    private void deallocate(Tokens tokens) {
        if (tokens.is(Keyword.PREPARE)) {
            Tokens ahead = tokens.copy();
            ahead.advance();
            if (!ahead.is(Lexer.END)) {
                tokens.advance();
            }
        }
        int start = tokens.start();
        String name = tokens.take(Keyword.ALL) ? null : tokens.takeName();
        findings.add(Effect.DEALLOCATE, new Deallocate(name, start - offset, tokens.endOfName(start) - offset));
    }

    private void discard(Tokens tokens) {
        Keyword what = tokens.keyword();
        Target target = switch (what) {
            case PLANS -> Target.PLANS;
            case SEQUENCES -> Target.SEQUENCES;
            case TEMP, TEMPORARY -> Target.TEMP;
            case null, default -> Target.ALL;
        };
        findings.add(Effect.DISCARD, new Discard(target));
    }

    private void declare(Tokens tokens) {
        while (!tokens.is(Lexer.END) && !tokens.is(Keyword.FOR)) {
            if (tokens.take(Keyword.WITH) && tokens.is(Keyword.HOLD)) {
                findings.add(Effect.HOLD_CURSOR);
            } else {
                tokens.advance();
            }
        }
    }
}
