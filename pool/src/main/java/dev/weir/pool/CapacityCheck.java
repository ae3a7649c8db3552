package dev.weir.pool;

import dev.weir.wire.PgError;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Asks a server how many connections it has for those who are no superusers. Confined to its lane. */
final class CapacityCheck extends OwnBorrower implements OwnQuery {
    private static final String QUESTION =
            "SELECT current_setting('max_connections'), current_setting('superuser_reserved_connections')";

    private final IntConsumer answer;
    private final Runnable noAnswer;
    private final List<Integer> numbers = new ArrayList<>();
    private @Nullable ServerConnection server;

    /**
     * @param answer takes the number, at most once
     * @param noAnswer called instead if none could be asked
     */
    CapacityCheck(IntConsumer answer, Runnable noAnswer) {
        this.answer = answer;
        this.noAnswer = noAnswer;
    }

    @Override
    public void onLent(ServerConnection lent) {
        server = lent;
        lent.session().runOwn(QUESTION, this);
        lent.flushRequests();
    }

    @Override
    public void onRow(ByteBuf buffer, int index, int length) {
        int at = index + 2; // behind the number of columns
        while (at < index + length) {
            int size = buffer.getInt(at);
            numbers.add(Integer.valueOf(buffer.toString(at + 4, size, StandardCharsets.US_ASCII)));
            at += 4 + size;
        }
    }

    @Override
    public void onError(PgError error) {
        numbers.clear();
    }

    @Override
    public void onAnswered() {
        // onReady follows
    }

    @Override
    public void onUndone() {
        numbers.clear();
    }

    @Override
    public void onReady(boolean atRest) {
        ServerConnection lent = server;
        if (lent == null || !atRest) {
            return;
        }
        server = null;
        lent.giveBack();
        if (numbers.size() == 2) {
            answer.accept(numbers.getFirst() - numbers.getLast());
        } else {
            noAnswer.run();
        }
    }

    @Override
    public void onRefused(PgError error) {
        noAnswer.run();
    }

    @Override
    public void onServerLost(@Nullable PgError lastWords) {
        server = null;
        noAnswer.run();
    }
}
