package dev.weir.sql;

import dev.weir.sql.SessionStatement.ResetParameter;
import dev.weir.sql.SessionStatement.SetParameter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads SET and RESET (manual, SQL commands: SET, SET ROLE, SET TRANSACTION, ...). */
final class SetReader {
    private final Tokens tokens;
    private final Findings findings;
    private boolean local;

    private SetReader(Tokens tokens, Findings findings) {
        this.tokens = tokens;
        this.findings = findings;
    }

    /** @param tokens stand behind SET */
    static void set(Tokens tokens, Findings findings) {
        new SetReader(tokens, findings).set();
    }

    private void set() {
        if (tokens.is(Keyword.LOCAL) && !isParameter()) {
            tokens.advance();
            local = true;
        } else if (tokens.is(Keyword.SESSION)
                && !isParameter()
                && !precedes(Keyword.AUTHORIZATION)
                && !precedes(Keyword.CHARACTERISTICS)) {
            tokens.advance();
        }
        Keyword first = isParameter() ? null : tokens.keyword();
        switch (first) {
            case TRANSACTION, CONSTRAINTS -> {} // lasts as long as the transaction
            case TIME -> value("timezone", 2);
            case NAMES -> value("client_encoding", 1);
            case ROLE -> value("role", 1);
            case SCHEMA -> value("search_path", 1);
            case XML -> value("xmloption", 2);
            case SESSION -> session();
            case null, default -> parameter();
        }
    }

    /** Whether what stands here is a parameter's name: something that may be a keyword, and a sign that it is set. */
    private boolean isParameter() {
        Tokens ahead = tokens.copy();
        ahead.advance();
        return ahead.is(Lexer.DOT) || ahead.is(Keyword.TO) || ahead.is('=') || ahead.is(Keyword.FROM);
    }

    private boolean precedes(Keyword keyword) {
        Tokens ahead = tokens.copy();
        ahead.advance();
        return ahead.is(keyword);
    }

    private void add(String name, boolean isDefault) {
        findings.add(Effect.SET, new SetParameter(name, local, isDefault));
    }

    /** @param words how many stand before the value */
    private void value(String name, int words) {
        for (int i = 0; i < words; i++) {
            tokens.advance();
        }
        boolean none = tokens.is(Lexer.END); // SET NAMES alone
        add(name, none || tokens.is(Keyword.DEFAULT) || (name.equals("timezone") && tokens.is(Keyword.LOCAL)));
        findTemporary(name);
    }

    private void session() {
        tokens.advance();
        if (tokens.is(Keyword.CHARACTERISTICS)) {
            characteristics();
        } else {
            value("session_authorization", 1);
        }
    }

    private void characteristics() {
        while (!tokens.is(Lexer.END)) {
            Keyword mode = tokens.keyword();
            if (mode == Keyword.ISOLATION) {
                add("default_transaction_isolation", false);
            } else if (mode == Keyword.READ && (precedes(Keyword.ONLY) || precedes(Keyword.WRITE))) {
                add("default_transaction_read_only", false);
            } else if (mode == Keyword.DEFERRABLE) {
                add("default_transaction_deferrable", false);
            }
            // READ COMMITTED belongs to ISOLATION LEVEL, and has neither ONLY nor WRITE behind it.
            tokens.advance();
        }
    }

    private void parameter() {
        String name = takeParameter(tokens);
        tokens.advance(); // TO, =
        add(name, tokens.is(Keyword.DEFAULT));
        findTemporary(name);
    }

    private static String takeParameter(Tokens tokens) {
        StringBuilder name = new StringBuilder(tokens.takeName());
        while (tokens.is(Lexer.DOT)) {
            tokens.advance();
            name.append('.').append(tokens.takeName());
        }
        return name.toString().toLowerCase(Locale.ROOT);
    }

    /** Where the schema of temporary objects is in the path, every new table may be temporary. */
    private void findTemporary(String name) {
        if (name.equals("search_path")) {
            CreateReader.findTemporary(tokens, findings);
        }
    }

    /** @param tokens stand behind RESET */
    static void reset(Tokens tokens, Findings findings) {
        SetReader reader = new SetReader(tokens, findings);
        findings.add(Effect.RESET, new ResetParameter(reader.resetName()));
    }

    private @Nullable String resetName() {
        if (tokens.is(Keyword.ALL)) {
            return null;
        }
        if (tokens.is(Keyword.TIME) && precedes(Keyword.ZONE)) {
            return "timezone";
        }
        if (tokens.is(Keyword.SESSION) && precedes(Keyword.AUTHORIZATION)) {
            return "session_authorization";
        }
        if (tokens.is(Keyword.TRANSACTION) && precedes(Keyword.ISOLATION)) {
            return "transaction_isolation";
        }
        return takeParameter(tokens);
    }
}
