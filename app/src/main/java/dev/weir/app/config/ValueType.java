package dev.weir.app.config;

import java.util.Optional;

/** Which values a key takes. */
interface ValueType<T> {

    /** The words for it in a table of the document, in Markdown. */
    String inDocument();

    /** What the value means; empty after {@link ConfigValue#refuse} noted why it can't be taken. */
    Optional<T> read(ConfigValue value);
}
