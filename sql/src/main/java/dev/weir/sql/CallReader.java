package dev.weir.sql;

import dev.weir.sql.SessionStatement.Notify;
import dev.weir.sql.SessionStatement.SetParameter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads a whole statement for calls of functions that concern session state, and for what SELECT INTO makes. */
final class CallReader {
    /** Calls of set_config within each other that are followed; in deeper ones any parameter may be set. */
    private static final int DEEPEST = 8;

    private final Findings findings;
    private final Call[] open = new Call[DEEPEST];
    private int openCount;
    private int depth;
    private boolean updates;
    private boolean namesSettings;
    private boolean executesText;

    CallReader(Findings findings) {
        this.findings = findings;
    }

    void read(byte[] text, int from, int to, boolean standardStrings) {
        Tokens tokens = new Tokens(text, from, to, standardStrings, findings);
        Keyword previous = null;
        boolean named = false; // a keyword here is but a name
        while (!tokens.is(Lexer.END)) {
            Keyword keyword = tokens.keyword();
            Conspicuous name = tokens.isName() ? tokens.conspicuous() : null;
            onToken(tokens);
            updates |= keyword == Keyword.UPDATE;
            namesSettings |= name == Conspicuous.PG_SETTINGS;
            boolean intoNew = keyword == Keyword.INTO && previous != Keyword.INSERT && previous != Keyword.MERGE;
            boolean namesNext = tokens.is(Lexer.DOT) || (keyword == Keyword.AS && !named);
            tokens.advance();
            if (intoNew) {
                onInto(tokens);
            }
            if (name != null && tokens.is(Lexer.OPEN)) {
                onCall(name, tokens);
            }
            previous = named ? null : keyword;
            named = namesNext;
        }
        if (updates && namesSettings) {
            findings.add(Effect.SET_UNKNOWN);
        }
        if (executesText) {
            LooseWords.find(text, from, to, standardStrings, findings);
        }
    }

    private void onToken(Tokens tokens) {
        depth += tokens.is(Lexer.OPEN) ? 1 : tokens.is(Lexer.CLOSE) ? -1 : 0;
        if (openCount == 0) {
            return;
        }
        Call call = open[openCount - 1];
        if (depth < call.depth) {
            openCount--;
            call.end(findings);
        }
        for (int i = 0; i < openCount; i++) {
            open[i].onToken(tokens, depth);
        }
    }

    private void onInto(Tokens tokens) {
        if (tokens.is(Keyword.TABLE) || tokens.is(Keyword.UNLOGGED)) {
            tokens = tokens.copy();
            tokens.advance();
            tokens.take(Keyword.TABLE);
        }
        Keyword keyword = tokens.keyword();
        boolean temporary = keyword == Keyword.TEMP
                || keyword == Keyword.TEMPORARY
                || keyword == Keyword.LOCAL
                || keyword == Keyword.GLOBAL
                || (tokens.isName() && tokens.conspicuous() == Conspicuous.PG_TEMP);
        if (temporary) {
            findings.add(Effect.TEMPORARY);
        }
    }

    /** @param tokens stand at the parenthesis */
    private void onCall(Conspicuous name, Tokens tokens) {
        findings.addAll(name.effects);
        switch (name) {
            case SET_CONFIG -> {
                if (openCount == DEEPEST) {
                    findings.add(Effect.SET_UNKNOWN);
                } else {
                    open[openCount++] = new Call(depth + 1);
                }
            }
            case SETSEED -> findings.add(Effect.SET, new SetParameter("seed", false, false));
            case PG_NOTIFY -> findings.add(Effect.NOTIFY, new Notify(firstLiteral(tokens)));
            case QUERY_TO_XML, QUERY_TO_XMLSCHEMA, QUERY_TO_XML_AND_XMLSCHEMA, TS_STAT, TS_REWRITE ->
                executesText = true;
            default -> {}
        }
    }

    private static @Nullable String firstLiteral(Tokens open) {
        Tokens ahead = open.copy();
        ahead.advance();
        String literal = ahead.literal();
        ahead.advance();
        return ahead.is(Lexer.COMMA) ? literal : null;
    }

    /** A call of set_config whose parenthesis is open. */
    private static final class Call {
        private final int depth;
        private int commas;
        private int tokens;
        private @Nullable String name;
        private boolean temporary;
        private boolean local;

        Call(int depth) {
            this.depth = depth;
        }

        void onToken(Tokens token, int atDepth) {
            if (atDepth == depth && token.is(Lexer.OPEN) && tokens == 0 && commas == 0) {
                return; // its own parenthesis
            }
            if (atDepth == depth && token.is(Lexer.COMMA)) {
                commas++;
                tokens = 0;
                return;
            }
            tokens++;
            if (commas == 0) {
                onNameToken(token);
            } else if (commas == 1) {
                String value = token.literal();
                temporary |= value != null && value.contains("pg_temp");
            } else if (commas == 2) {
                local = tokens == 1 && token.is(Keyword.TRUE);
            }
        }

        /** The name is a string, with a simple cast at most. */
        private void onNameToken(Tokens token) {
            if (tokens == 1) {
                name = token.literal();
            } else if (!(tokens == 2 && token.is(Lexer.CAST)) && !(tokens == 3 && token.is(Lexer.WORD))) {
                name = null;
            }
        }

        void end(Findings findings) {
            boolean lasts = commas != 2 || !local;
            if (temporary) {
                findings.add(Effect.TEMPORARY); // as behind SET search_path
            }
            if (name != null) {
                findings.add(Effect.SET, new SetParameter(name.toLowerCase(Locale.ROOT), !lasts, false));
            } else if (lasts) {
                findings.add(Effect.SET_UNKNOWN);
            }
        }
    }
}
