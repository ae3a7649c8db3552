package dev.weir.gateway;

import dev.weir.pool.Lane;
import dev.weir.pool.PoolCounters;
import dev.weir.wire.Backend;
import dev.weir.wire.PgError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** All that goes to one client: what servers send, what Weir says among it, and the last word. Confined to a lane. */
final class ClientReplies {
    /** How long a client may take to read its last message. */
    private static final Duration LAST_WRITE_LIMIT = Duration.ofSeconds(5);

    private final Channel channel;
    private final OwnAnswers answers;
    private ClientSession session;

    /** Of its pool; null before it has logged in. */
    private @Nullable PoolCounters counters;

    ClientReplies(Channel channel, ClientSession session) {
        this.channel = channel;
        this.answers = new OwnAnswers(channel);
        this.session = session;
    }

    /** What Weir answers while no server connection is lent. */
    OwnAnswers answers() {
        return answers;
    }

    /** The login is complete. */
    void begin(ClientSession begun, PoolCounters counted) {
        session = begun;
        counters = counted;
    }

    boolean isWritable() {
        return channel.isWritable();
    }

    /** A part of a server's replies. */
    void take(ByteBuf run) {
        if (!session.holds(run)) {
            passHeld();
            count(run);
            channel.write(run, channel.voidPromise());
        }
    }

    /** Passes on what was held back of a reply. */
    void passHeld() {
        ByteBuf reply = session.takeReply();
        if (reply != null) {
            count(reply);
            channel.write(reply, channel.voidPromise());
        }
    }

    /** A reply of Weir's own among those of a server. */
    void takeOwn(ByteBuf frame) {
        passHeld();
        count(frame);
        answers.take(frame);
    }

    /** A notification, between its requests. */
    void takeNotification(ByteBuf frame) {
        count(frame);
        channel.writeAndFlush(frame, channel.voidPromise());
    }

    private void count(ByteBuf run) {
        PoolCounters all = counters;
        if (all != null) {
            all.onBytesToClient(run.readableBytes());
        }
    }

    void tellParameter(String name, String value) {
        ByteBuf out = channel.alloc().buffer(64);
        Backend.writeParameterStatus(out, name, value);
        takeOwn(out);
    }

    void flush() {
        if (session.isHolding()) { // else nothing of the reply has come yet
            passHeld();
        }
        answers.flushAll();
    }

    /** Closes the channel behind an error, or without a word amid a message, of whose rest it would be taken for. */
    void end(PgError error, boolean amidMessage, Lane lane) {
        if (amidMessage) {
            end(lane);
            return;
        }
        ByteBuf out = channel.alloc().buffer(256);
        error.writeTo(out);
        endBehind(out, lane);
    }

    /** Closes the channel when all has been written. */
    void end(Lane lane) {
        endBehind(Unpooled.EMPTY_BUFFER, lane);
    }

    /** A client that does not read is not waited for. */
    private void endBehind(ByteBuf last, Lane lane) {
        passHeld();
        ScheduledFuture<?> limit = lane.schedule(LAST_WRITE_LIMIT, channel::close);
        channel.writeAndFlush(last).addListener(written -> {
            limit.cancel(false);
            channel.close();
        });
    }
}
