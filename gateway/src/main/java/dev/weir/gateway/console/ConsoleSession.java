package dev.weir.gateway.console;

import dev.weir.pool.Lane;
import dev.weir.wire.Backend;
import dev.weir.wire.Failure;
import dev.weir.wire.Frontend;
import dev.weir.wire.PgError;
import dev.weir.wire.Severity;
import dev.weir.wire.Verdict;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client at the console, from its login on: reads its requests, has commands carried out, writes the answers. One
 * request is answered before the next is looked at. Confined to its lane.
 */
public final class ConsoleSession {
    private static final Logger log = LoggerFactory.getLogger(ConsoleSession.class);

    /** The largest message that is taken, in bytes. */
    private static final int MESSAGE_LIMIT = 64 * 1024;

    /** What the session needs of its client's connection. */
    public interface Connection {
        /** Owns the buffer. */
        void write(ByteBuf out);

        void flush();

        /** Whether the client takes what is written. */
        boolean isWritable();

        ByteBuf buffer();

        /** What was held back may be looked at now. */
        void resume();

        /** Says why, and ends it. */
        void close(PgError error);
    }

    private final Console console;

    /** Told to others, from any thread. */
    private volatile ConsoleClient client;

    private final Lane lane;
    private final Connection connection;
    private final Output output;
    private final Names names = new Names();
    private final Preparation preparation = new Preparation(names);

    /** Commands of a simple query that are still to be carried out. */
    private final Deque<Command> commands = new ArrayDeque<>();

    /** A request is being answered. */
    private boolean busy;

    /** After an error of the extended protocol, everything up to the next Sync is left out. */
    private boolean skipping;

    /** A command that is being carried out. */
    private @Nullable CompletableFuture<Answer> running;

    ConsoleSession(Console console, ConsoleClient client, Lane lane, Connection connection) {
        this.console = console;
        this.client = client;
        this.lane = lane;
        this.connection = connection;
        this.output = new Output(connection, lane);
    }

    public ConsoleClient client() {
        return client;
    }

    /** Writes the parameters that a client is told behind its login. */
    public void writeParameters(ByteBuf out) {
        Backend.writeParameterStatus(out, "server_version", DriverHabits.SERVER_VERSION);
        Backend.writeParameterStatus(out, "client_encoding", "UTF8");
        Backend.writeParameterStatus(out, "server_encoding", "UTF8");
        Backend.writeParameterStatus(out, "DateStyle", "ISO");
        Backend.writeParameterStatus(out, "TimeZone", "GMT");
        Backend.writeParameterStatus(out, "integer_datetimes", "on");
        Backend.writeParameterStatus(out, "standard_conforming_strings", "on");
        Backend.writeParameterStatus(out, "is_superuser", client.access().steers() ? "on" : "off");
    }

    /** Judges a frame by its header. */
    public Verdict onHeader(byte type, int bodyLength) {
        if (busy || !connection.isWritable()) {
            return Verdict.STOP;
        }
        int limit = Frontend.lengthLimit(type);
        if (limit < 0) {
            return violation("invalid frontend message type " + (type & 0xff));
        }
        if (bodyLength > MESSAGE_LIMIT) {
            return violation("a message to the console can have " + MESSAGE_LIMIT + " bytes");
        }
        return Verdict.INSPECT;
    }

    /** Takes a whole frame. */
    public void onFrame(byte type, ByteBuf buffer, int bodyIndex, int bodyLength) {
        MessageBody body = new MessageBody(buffer, bodyIndex, bodyLength);
        if (skipping && type != Frontend.SYNC) {
            return;
        }
        try {
            switch (type) {
                case Frontend.QUERY -> onQuery(body);
                case Frontend.PARSE, Frontend.BIND, Frontend.DESCRIBE, Frontend.CLOSE -> prepare(type, body);
                case Frontend.EXECUTE -> onExecute(body);
                case Frontend.SYNC -> onSync();
                case Frontend.FLUSH -> connection.flush();
                case Frontend.FUNCTION_CALL -> onFunctionCall();
                default -> {
                    // the data of a COPY that was never begun
                }
            }
        } catch (ConsoleException e) {
            fail(e.error());
        }
    }

    // ---- simple protocol

    private void onQuery(MessageBody body) throws ConsoleException {
        busy = true;
        names.closePortal("");
        String text = body.readText();
        try {
            commands.addAll(CommandReader.read(text));
        } catch (ConsoleException e) {
            failQuery(e.error());
            return;
        }
        runNext();
    }

    /** Carries out what is left of a simple query. */
    private void runNext() {
        Command command = commands.poll();
        if (command == null) {
            output.writeReady();
            goOn();
        } else if (command instanceof Command.Empty) {
            output.writeEmpty(Backend.EMPTY_QUERY_RESPONSE);
            runNext();
        } else {
            run(
                    command,
                    answer -> {
                        Portal portal = new Portal(command, Formats.TEXT);
                        portal.open(answer.rows());
                        output.writeColumns(command.columns());
                        output.writeRows(portal, Integer.MAX_VALUE, this::runNext);
                    },
                    this::failQuery);
        }
    }

    private void failQuery(PgError error) {
        commands.clear();
        output.writeError(error);
        output.writeReady();
        goOn();
    }

    // ---- extended protocol

    private void prepare(byte type, MessageBody body) throws ConsoleException {
        ByteBuf out = connection.buffer();
        try {
            preparation.take(type, body, out);
        } catch (ConsoleException e) {
            out.release();
            throw e;
        }
        connection.write(out);
    }

    private void onExecute(MessageBody body) throws ConsoleException {
        Portal portal = names.portal(body.readText());
        int limit = body.readInt();
        int rows = limit <= 0 ? Integer.MAX_VALUE : limit;
        if (portal.command() instanceof Command.Empty) {
            output.writeEmpty(Backend.EMPTY_QUERY_RESPONSE);
            return;
        }
        busy = true;
        if (portal.isOpen()) {
            output.writeRows(portal, rows, this::goOn);
            return;
        }
        run(
                portal.command(),
                answer -> {
                    portal.open(answer.rows());
                    output.writeRows(portal, rows, this::goOn);
                },
                error -> {
                    fail(error);
                    goOn();
                });
    }

    private void onSync() {
        skipping = false;
        names.closePortal("");
        output.writeReady();
        connection.flush();
    }

    /** A FunctionCall has its ReadyForQuery without a Sync. */
    private void onFunctionCall() {
        output.writeError(
                new Failure.ConsoleUnsupported("a function call", "The console has commands, by text.").toPgError());
        output.writeReady();
        connection.flush();
    }

    // ---- carrying out

    private interface Then<T> {
        void accept(T result);
    }

    private void run(Command command, Then<Answer> then, Then<PgError> otherwise) {
        CompletableFuture<Answer> answer = carryOut(command);
        running = answer;
        answer.whenCompleteAsync(
                (done, failure) -> {
                    if (running != answer) {
                        return; // the client has gone
                    }
                    running = null;
                    try {
                        if (done == null) {
                            otherwise.accept(error(command, failure));
                        } else {
                            output.writeNotices(done);
                            then.accept(done);
                        }
                    } catch (RuntimeException bug) { // nobody else would hear of it, and the client wait for ever
                        connection.close(error(command, bug).withSeverity(Severity.FATAL));
                    }
                },
                lane.loop());
    }

    private CompletableFuture<Answer> carryOut(Command command) {
        return switch (command) {
            case Command.SetApplicationName set -> {
                client = client.named(set.name());
                yield CompletableFuture.completedFuture(Answer.done(command));
            }
            case Command.Deallocate deallocate -> {
                deallocate.name().ifPresentOrElse(names::closeStatement, names::closeStatements);
                yield CompletableFuture.completedFuture(Answer.done(command));
            }
            case Command.Ignore ignore -> {
                names.closePortals(); // a transaction is over, so a driver believes
                yield CompletableFuture.completedFuture(Answer.done(command, new Notice(ignore.notice())));
            }
            case Command.Tell tell ->
                CompletableFuture.completedFuture(
                        Answer.of(command, List.of(Row.of(tell.values().toArray()))));
            default -> console.carryOut(command, client.access(), lane);
        };
    }

    private PgError error(Command command, @Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof ConsoleException known) {
            return known.error();
        }
        log.atError()
                .setMessage("bug in a command of the console")
                .addKeyValue("command", command)
                .setCause(cause)
                .log();
        return new Failure.Internal().toPgError().withSeverity(Severity.ERROR);
    }

    /** A cancel request has come for this client: what waits does so no longer. */
    public void cancel() {
        CompletableFuture<Answer> waiting = running;
        if (waiting != null) {
            waiting.completeExceptionally(new ConsoleException(new Failure.CanceledWhileWaiting()));
        }
    }

    /** The client has gone. What it has asked for goes on. */
    public void end() {
        running = null;
        output.stop();
        commands.clear();
        busy = true;
        console.leave(this);
    }

    /** Ends it from Weir's side; from any thread. */
    void endNow(PgError error) {
        lane.loop().execute(() -> connection.close(error));
    }

    // ---- answers

    /** The client takes more. */
    public void onWritable() {
        if (!output.goOn() && !busy) {
            lane.loop().execute(this::lookAtMore);
        }
    }

    private void lookAtMore() {
        if (!busy && connection.isWritable()) {
            connection.resume();
            connection.flush();
        }
    }

    private void goOn() {
        busy = false;
        connection.resume();
        connection.flush();
    }

    private void fail(PgError error) {
        if (error.isFatal()) {
            connection.close(error);
            return;
        }
        skipping = true;
        output.writeError(error);
    }

    private Verdict violation(String message) {
        connection.close(new Failure.ProtocolViolation(message).toPgError());
        return Verdict.STOP;
    }
}
