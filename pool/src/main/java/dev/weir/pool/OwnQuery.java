package dev.weir.pool;

import dev.weir.wire.PgError;
import io.netty.buffer.ByteBuf;

/** A statement of Weir's own amid a client's; its replies come here and go nowhere else. All on the lane. */
public interface OwnQuery extends Fate {

    /**
     * A DataRow.
     *
     * @param buffer borrowed; the message's body begins at {@code index}
     */
    default void onRow(ByteBuf buffer, int index, int length) {}

    /** A ParameterStatus that came of it. */
    default void onParameter(String name, String value) {}

    /** It failed; {@link #onUndone} follows with the ReadyForQuery. */
    void onError(PgError error);
}
