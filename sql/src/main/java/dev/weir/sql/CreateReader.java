package dev.weir.sql;

/** Reads CREATE, as far as what it makes may be temporary or comes from a prepared statement. */
final class CreateReader {
    private final int offset;
    private final Findings findings;

    CreateReader(int offset, Findings findings) {
        this.offset = offset;
        this.findings = findings;
    }

    /**
     * @param tokens stand behind CREATE
     * @return whether function calls in the statement are of interest; a routine's body is not executed
     */
    boolean read(Tokens tokens) {
        findTemporary(tokens.copy(), findings);
        if (tokens.take(Keyword.OR)) {
            tokens.take(Keyword.REPLACE);
        }
        if (tokens.is(Keyword.LOCAL) || tokens.is(Keyword.GLOBAL)) {
            tokens.advance();
        }
        if (isTemporary(tokens)) {
            findings.add(Effect.TEMPORARY);
            tokens.advance();
        } else {
            tokens.take(Keyword.UNLOGGED);
        }
        if (tokens.is(Keyword.FUNCTION) || tokens.is(Keyword.PROCEDURE)) {
            return false;
        }
        if (tokens.is(Keyword.TABLE)) {
            findExecute(tokens);
        } else if (tokens.is(Keyword.SCHEMA)) {
            findTemporaryElements(tokens);
        }
        return true;
    }

    private static boolean isTemporary(Tokens tokens) {
        return tokens.is(Keyword.TEMP) || tokens.is(Keyword.TEMPORARY);
    }

    private void findExecute(Tokens tokens) {
        int depth = 0;
        while (!tokens.is(Lexer.END)) {
            depth += tokens.is(Lexer.OPEN) ? 1 : tokens.is(Lexer.CLOSE) ? -1 : 0;
            if (depth == 0 && tokens.is(Keyword.AS)) {
                tokens.advance();
                if (tokens.take(Keyword.EXECUTE)) {
                    findings.add(Effect.EXECUTE, StatementReader.executed(tokens, offset));
                }
                return;
            }
            tokens.advance();
        }
    }

    private void findTemporaryElements(Tokens tokens) {
        while (!tokens.is(Lexer.END)) {
            if (isTemporary(tokens)) {
                findings.add(Effect.TEMPORARY);
                return;
            }
            tokens.advance();
        }
    }

    /** Finds any mention of the schema that temporary objects are in. */
    static void findTemporary(Tokens tokens, Findings findings) {
        while (!tokens.is(Lexer.END)) {
            String literal = tokens.literal();
            if (literal != null && literal.contains("pg_temp")) {
                findings.add(Effect.TEMPORARY);
                return;
            }
            if (!tokens.isName()) {
                tokens.advance();
            } else if (tokens.takeName().startsWith("pg_temp")) { // or pg_temp_1, and so on
                findings.add(Effect.TEMPORARY);
                return;
            }
        }
    }
}
