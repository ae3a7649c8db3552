package dev.weir.sql;

import org.jspecify.annotations.Nullable;

/**
 * Looks for words anywhere in a statement, also in its strings: a block of DO, or a query given as a string, is executed, but
 * in which language, and what it puts together, is not known here.
 */
final class LooseWords {
    private final Findings findings;
    /** The word before is a SET that stands for itself. */
    private boolean set;
    /** A SET that comes now belongs to an UPDATE or ALTER. */
    private boolean ofOther;
    /** In this line, a comment has begun. */
    private boolean commented;

    private LooseWords(Findings findings) {
        this.findings = findings;
    }

    static void find(byte[] text, int from, int to, boolean standardStrings, Findings findings) {
        findEscapes(new Tokens(text, from, to, standardStrings, findings), text, standardStrings, findings);
        findings.countSteps(to - from);
        new LooseWords(findings).read(text, from, to);
    }

    private void read(byte[] text, int from, int to) {
        int at = from;
        while (at < to) {
            int start = at;
            int hash = 0;
            while (at < to && isPart(text[at])) {
                hash = Vocabulary.hash(hash, text[at++]);
            }
            if (at == start) {
                onSign(text, at++);
                continue;
            }
            int word = Vocabulary.find(text, start, at, hash);
            Keyword keyword = Vocabulary.keyword(word);
            onSet(keyword);
            onWord(keyword, Vocabulary.conspicuous(word), findings);
        }
    }

    /** Between UPDATE and its SET stands nothing but a name. */
    private void onSign(byte[] text, int at) {
        byte c = text[at];
        commented |= c == '-' && at > 0 && text[at - 1] == '-';
        if (c == '\n') {
            ofOther &= !commented;
            commented = false;
        } else if (c != ' ' && c != '\t' && c != '\r' && c != '.' && c != '"' && c != '*') {
            ofOther = false;
        }
    }

    private void onSet(@Nullable Keyword keyword) {
        if (set && keyword != Keyword.LOCAL) {
            findings.add(Effect.SET_UNKNOWN);
        }
        set = keyword == Keyword.SET && !ofOther;
        switch (keyword) {
            case UPDATE, ALTER -> ofOther = true;
            case SET, LOOP, THEN, ELSE, BEGIN -> ofOther = false;
            case null, default -> {}
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
