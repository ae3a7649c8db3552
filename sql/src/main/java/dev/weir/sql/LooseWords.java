package dev.weir.sql;

import org.jspecify.annotations.Nullable;

/**
 * Looks for words anywhere in a statement, also in its strings: a block of DO, or a query given as a string, is executed, but
 * in which language, and what it puts together, is not known here.
 */
final class LooseWords {
    private LooseWords() {}

    static void find(byte[] text, int from, int to, boolean standardStrings, Findings findings) {
        findEscapes(new Tokens(text, from, to, standardStrings, findings), text, standardStrings, findings);
        findings.countSteps(to - from);
        boolean set = false;
        boolean setBelongsToOther = false;
        int at = from;
        while (at < to) {
            if (!isPart(text[at])) {
                setBelongsToOther &= text[at] != ';';
                at++;
                continue;
            }
            int start = at;
            int hash = 0;
            while (at < to && isPart(text[at])) {
                hash = Vocabulary.hash(hash, text[at++]);
            }
            int word = Vocabulary.find(text, start, at, hash);
            Keyword keyword = Vocabulary.keyword(word);
            if (set && keyword != Keyword.LOCAL) {
                findings.add(Effect.SET_UNKNOWN);
            }
            set = keyword == Keyword.SET && !setBelongsToOther;
            setBelongsToOther |= keyword == Keyword.UPDATE || keyword == Keyword.ALTER || keyword == Keyword.SET;
            onWord(keyword, Vocabulary.conspicuous(word), findings);
        }
    }

    private static boolean isPart(byte c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c < 0;
    }

    /** Words may be hidden behind escapes. */
    private static void findEscapes(Tokens tokens, byte[] text, boolean standardStrings, Findings findings) {
        while (!tokens.is(Lexer.END)) {
            if (tokens.is(Lexer.STRING) && escapes(text[tokens.start()], standardStrings)) {
                for (int i = tokens.start(); i < tokens.stop(); i++) {
                    if (text[i] == '\\') {
                        findings.add(Effect.UNJUDGED);
                        return;
                    }
                }
            }
            tokens.advance();
        }
    }

    private static boolean escapes(byte first, boolean standardStrings) {
        return first == '\'' ? !standardStrings : first != '$';
    }

    private static void onWord(@Nullable Keyword keyword, @Nullable Conspicuous name, Findings findings) {
        switch (keyword) {
            case TEMP, TEMPORARY -> findings.add(Effect.TEMPORARY);
            case RESET -> findings.add(Effect.SET_UNKNOWN);
            case LISTEN -> findings.add(Effect.LISTEN);
            case UNLISTEN -> findings.add(Effect.UNLISTEN);
            case NOTIFY -> findings.add(Effect.NOTIFY);
            case DISCARD -> findings.add(Effect.DISCARD);
            case PREPARE -> findings.add(Effect.PREPARE);
            case DEALLOCATE -> findings.add(Effect.DEALLOCATE);
            case DROP -> findings.add(Effect.DROP);
            case LOAD -> findings.add(Effect.LOAD);
            case HOLD -> findings.add(Effect.HOLD_CURSOR);
            case null, default -> {}
        }
        switch (name) {
            case SET_CONFIG, SETSEED, PG_SETTINGS -> findings.add(Effect.SET_UNKNOWN);
            case PG_NOTIFY -> findings.add(Effect.NOTIFY);
            case PG_TEMP -> findings.add(Effect.TEMPORARY);
            case null -> {}
            default -> findings.addAll(name.effects);
        }
    }
}
