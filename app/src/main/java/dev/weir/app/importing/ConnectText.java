package dev.weir.app.importing;

import java.util.ArrayList;
import java.util.List;

/**
 * Takes the value of a database, a user or a peer apart: {@code key=value} pairs with spaces between them. A value with a
 * space stands in single quotes, where {@code ''} is one.
 */
final class ConnectText {
    private final IniEntry entry;
    private final Faults faults;
    private final String text;
    private int at;

    private ConnectText(IniEntry entry, Faults faults) {
        this.entry = entry;
        this.faults = faults;
        this.text = entry.value();
    }

    /** The pairs in their order; none after a fault. */
    static List<Value> pairs(IniEntry entry, Faults faults) {
        return new ConnectText(entry, faults).read();
    }

    private List<Value> read() {
        List<Value> pairs = new ArrayList<>();
        skipSpace();
        while (at < text.length()) {
            int start = at;
            while (at < text.length() && text.charAt(at) != '=' && text.charAt(at) != ' ') {
                at++;
            }
            String key = text.substring(start, at);
            skipSpace();
            if (key.isEmpty() || at == text.length() || text.charAt(at) != '=') {
                return broken("must be key=value pairs with spaces between them");
            }
            at++;
            skipSpace();
            StringBuilder value = new StringBuilder();
            if (!value(value)) {
                return broken("has a single quote that is not closed, at " + key);
            }
            if (value.isEmpty()) {
                return broken("has no value for " + key);
            }
            pairs.add(new Value(entry.place(), entry.key() + ": " + key, key, value.toString(), faults));
            skipSpace();
        }
        return pairs;
    }

    private List<Value> broken(String reason) {
        faults.add(entry.place(), entry.key() + ": " + reason);
        return List.of();
    }

    private void skipSpace() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private boolean value(StringBuilder value) {
        if (at < text.length() && text.charAt(at) == '\'') {
            return quoted(value);
        }
        while (at < text.length() && text.charAt(at) != ' ') {
            value.append(text.charAt(at++));
        }
        return true;
    }

    private boolean quoted(StringBuilder value) {
        for (at++; at < text.length(); at++) {
            if (text.charAt(at) != '\'') {
                value.append(text.charAt(at));
            } else if (text.startsWith("''", at)) {
                value.append('\'');
                at++;
            } else {
                at++;
                return true;
            }
        }
        return false;
    }
}
