package dev.weir.gateway.console;

import dev.weir.wire.Failure;
import java.util.ArrayList;
import java.util.List;

/** Cuts a text into statements, and those into tokens. Comments are left out. */
final class Tokens {
    private final String text;
    private int position;

    private Tokens(String text) {
        this.text = text;
    }

    /**
     * The statements of a text, of which those between two semicolons may be empty, but not what stands behind the last.
     *
     * @throws ConsoleException if a quote or a comment has no end
     */
    static List<List<Token>> statements(String text) throws ConsoleException {
        Tokens tokens = new Tokens(text);
        List<List<Token>> statements = new ArrayList<>();
        List<Token> statement = new ArrayList<>();
        while (tokens.skipBlanks()) {
            Token token = tokens.next();
            if (token.isSign(';')) {
                statements.add(statement);
                statement = new ArrayList<>();
            } else {
                statement.add(token);
            }
        }
        if (!statement.isEmpty()) {
            statements.add(statement);
        }
        return statements;
    }

    /** Goes to the next token; false if there is none. */
    private boolean skipBlanks() throws ConsoleException {
        while (position < text.length()) {
            if (Character.isWhitespace(text.charAt(position))) {
                position++;
            } else if (text.startsWith("--", position)) {
                int end = text.indexOf('\n', position);
                position = end < 0 ? text.length() : end + 1;
            } else if (text.startsWith("/*", position)) {
                skipComment();
            } else {
                return true;
            }
        }
        return false;
    }

    /** Comments in comments count, as in Postgres. */
    private void skipComment() throws ConsoleException {
        int depth = 0;
        do {
            if (text.startsWith("/*", position)) {
                depth++;
                position += 2;
            } else if (text.startsWith("*/", position)) {
                depth--;
                position += 2;
            } else {
                position++;
            }
            if (position > text.length() || (depth > 0 && position == text.length())) {
                throw new ConsoleException(new Failure.ConsoleSyntax("unterminated /* comment"));
            }
        } while (depth > 0);
    }

    private Token next() throws ConsoleException {
        char first = text.charAt(position);
        if (first == '"' || first == '\'') {
            return quoted(first);
        }
        if (first == '$' && position + 1 < text.length() && isDigit(text.charAt(position + 1))) {
            int start = ++position;
            while (position < text.length() && isDigit(text.charAt(position))) {
                position++;
            }
            return new Token(Token.Kind.PARAMETER, text.substring(start, position));
        }
        if (!isOfWord(first)) {
            position++;
            return new Token(Token.Kind.SIGN, String.valueOf(first));
        }
        int start = position;
        while (position < text.length() && isOfWord(text.charAt(position)) && !text.startsWith("--", position)) {
            position++;
        }
        return new Token(Token.Kind.WORD, text.substring(start, position));
    }

    private Token quoted(char quote) throws ConsoleException {
        StringBuilder content = new StringBuilder();
        int from = position + 1;
        while (true) {
            int end = text.indexOf(quote, from);
            if (end < 0) {
                throw new ConsoleException(new Failure.ConsoleSyntax(
                        quote == '"' ? "unterminated quoted identifier" : "unterminated quoted string"));
            }
            content.append(text, from, end);
            if (end + 1 == text.length() || text.charAt(end + 1) != quote) {
                position = end + 1;
                return new Token(quote == '"' ? Token.Kind.NAME : Token.Kind.STRING, content.toString());
            }
            content.append(quote);
            from = end + 2;
        }
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isOfWord(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == '-' || c == '$' || c == ':' || c == '/';
    }
}
