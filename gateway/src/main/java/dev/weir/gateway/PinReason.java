package dev.weir.gateway;

import dev.weir.sql.Effect;
import dev.weir.sql.Judgement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** State of a session that can't be moved from one server connection to another. */
enum PinReason {
    TEMPORARY_OBJECT(
            1,
            Effect.TEMPORARY,
            "EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = pg_catalog.pg_my_temp_schema())"
                    + " OR EXISTS (SELECT FROM pg_catalog.pg_proc WHERE pronamespace = pg_catalog.pg_my_temp_schema())"
                    + " OR EXISTS (SELECT FROM pg_catalog.pg_type WHERE typnamespace = pg_catalog.pg_my_temp_schema())"),
    HOLD_CURSOR(2, Effect.HOLD_CURSOR, "EXISTS (SELECT FROM pg_catalog.pg_cursors WHERE is_holdable)"),
    ADVISORY_LOCK(
            4,
            Effect.ADVISORY_LOCK,
            "EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND pid = pg_catalog.pg_backend_pid())"),
    /** Only until the pool's notification connection listens in its place. */
    LISTEN(8, Effect.LISTEN, "EXISTS (SELECT FROM pg_catalog.pg_listening_channels())"),
    LOADED_LIBRARY(16, Effect.LOAD, null),
    /** A parameter was set whose name can't be known. */
    UNKNOWN_PARAMETER(32, Effect.SET_UNKNOWN, null),
    /** PREPARE among other statements in one text. */
    PREPARED_STATEMENT(
            64,
            null,
            "EXISTS (SELECT FROM pg_catalog.pg_prepared_statements WHERE from_sql AND name NOT LIKE 'weir\\_%')"),
    /** Texts come in an encoding in which a backslash or quote may be half of a character. */
    CLIENT_ENCODING(256, null, null),
    /** The server could not say what state the session has. */
    UNKNOWN_STATE(128, null, null);

    private final int bit;
    private final @Nullable Effect effect;
    private final @Nullable String question;

    PinReason(int bit, @Nullable Effect effect, @Nullable String question) {
        this.bit = bit;
        this.effect = effect;
        this.question = question;
    }

    /** What the server is asked to know whether the state is there; null if it can't be asked, and stays for good. */
    @Nullable
    String question() {
        return question;
    }

    /** As people read it. */
    String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    int bit() {
        return bit;
    }

    /** The bits of all for which this text may be the cause. */
    static int causedBy(Judgement judgement) {
        int bits = 0;
        for (PinReason reason : ALL) {
            if (reason.effect != null && judgement.has(reason.effect)) {
                bits |= reason.bit();
            }
        }
        return bits;
    }

    /** Those in these bits. */
    static List<PinReason> in(int bits) {
        List<PinReason> reasons = new ArrayList<>();
        for (PinReason reason : ALL) {
            if ((bits & reason.bit) != 0) {
                reasons.add(reason);
            }
        }
        return reasons;
    }

    /** One of those in these bits, of which there is at least one. */
    static PinReason first(int bits) {
        for (PinReason reason : ALL) {
            if ((bits & reason.bit) != 0) {
                return reason;
            }
        }
        throw new IllegalArgumentException("no reason in " + bits);
    }

    private static final PinReason[] ALL = values();

    /** The bits of all that the server can be asked for. */
    static final int ASKABLE = askable();

    private static int askable() {
        int bits = 0;
        for (PinReason reason : values()) {
            bits |= reason.question != null ? reason.bit : 0;
        }
        return bits;
    }
}
