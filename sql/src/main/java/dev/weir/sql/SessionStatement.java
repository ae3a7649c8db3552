package dev.weir.sql;

import org.jspecify.annotations.Nullable;

/**
 * A statement, or a function call in one, that concerns a transaction or the state of the session.
 *
 * <p>Names are what Postgres makes of them: unquoted ones in lower case, quoted ones unescaped, cut to 63 bytes.
 */
public sealed interface SessionStatement {

    /** @param chain whether {@code AND CHAIN} begins another transaction at once */
    record Transaction(Verb verb, boolean chain) implements SessionStatement {}

    /** What is done to a transaction. START TRANSACTION is BEGIN, END is COMMIT, ABORT is ROLLBACK. */
    enum Verb {
        BEGIN,
        COMMIT,
        ROLLBACK,
        SAVEPOINT,
        RELEASE,
        ROLLBACK_TO,
        PREPARE_TRANSACTION,
        COMMIT_PREPARED,
        ROLLBACK_PREPARED
    }

    /**
     * SET in any of its forms, or the function {@code set_config}.
     *
     * @param name in lower case; SET TIME ZONE is {@code timezone}, SET NAMES {@code client_encoding}, and so on
     * @param local whether it lasts only as long as the transaction
     * @param isDefault whether the value is the keyword DEFAULT
     */
    record SetParameter(String name, boolean local, boolean isDefault) implements SessionStatement {}

    /** @param name in lower case; null: RESET ALL */
    record ResetParameter(@Nullable String name) implements SessionStatement {}

    /**
     * PREPARE of SQL, not of the protocol.
     *
     * @param nameStart where the name stands, as written, quotes included: its first byte, counted from the begin of the text
     * @param nameEnd behind its last byte
     */
    record Prepare(String name, int nameStart, int nameEnd) implements SessionStatement {}

    /** EXECUTE, also behind EXPLAIN or CREATE TABLE AS; positions as in {@link Prepare}. */
    record Execute(String name, int nameStart, int nameEnd) implements SessionStatement {}

    /** @param name null: all, and the positions are those of ALL */
    record Deallocate(@Nullable String name, int nameStart, int nameEnd) implements SessionStatement {}

    record Listen(String channel) implements SessionStatement {}

    /** @param channel null: all */
    record Unlisten(@Nullable String channel) implements SessionStatement {}

    /** @param channel null: {@code pg_notify} with a channel that is not in the text */
    record Notify(@Nullable String channel) implements SessionStatement {}

    record Discard(Target target) implements SessionStatement {}

    /** What DISCARD discards. */
    enum Target {
        ALL,
        PLANS,
        SEQUENCES,
        TEMP
    }
}
