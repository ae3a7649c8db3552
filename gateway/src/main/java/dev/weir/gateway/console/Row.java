package dev.weir.gateway.console;

import org.jspecify.annotations.Nullable;

/** A row of what the console shows: its values as text, null for NULL. */
record Row(@Nullable String[] values) {

    /** Of values whose {@code toString} is their text. */
    static Row of(@Nullable Object... values) {
        @Nullable String[] texts = new @Nullable String[values.length];
        for (int i = 0; i < values.length; i++) {
            Object value = values[i];
            texts[i] = value == null ? null : value.toString();
        }
        return new Row(texts);
    }

    @Nullable
    String value(int column) {
        return values[column];
    }
}
