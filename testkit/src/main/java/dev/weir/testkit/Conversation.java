package dev.weir.testkit;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * A scripted talk of a client with a server: what it sends, and how long it listens before it sends on. Run directly at
 * Postgres and through the pooler, it must give equal transcripts. {@link Conversations} is the catalogue; the tables
 * they use come from {@link Conversations#prepare}. Immutable.
 *
 * @param name unique in the catalogue, in words
 * @param reach how long the state that it builds up in the server must live
 * @param steps what happens after the login
 */
public record Conversation(String name, Reach reach, List<Step> steps) {
    public Conversation {
        steps = List.copyOf(steps);
    }

    /** A conversation of these steps. */
    public static Conversation of(String name, Reach reach, Step... steps) {
        return new Conversation(name, reach, List.of(steps));
    }

    /** Logs in and runs all steps; the transcript begins after the login. */
    public Transcript run(Destination destination) {
        return run(destination, client -> {});
    }

    /**
     * Logs in, prepares the client, for example to cut what it sends, and runs all steps.
     *
     * @throws AssertionError if the server closes early or does not answer within 30 s
     */
    public Transcript run(Destination destination, Consumer<PgClient> preparation) {
        try (PgClient client = destination.login()) {
            client.readTimeout(Duration.ofSeconds(30));
            preparation.accept(client);
            Transcript.Writer transcript = new Transcript.Writer();
            for (Step step : steps) {
                step.run(client, transcript::add);
            }
            return transcript.end();
        } catch (AssertionError e) {
            throw new AssertionError("in the conversation '" + name + "' with " + destination + ": " + e, e);
        }
    }

    @Override
    public String toString() {
        return name;
    }

    /** How long the state lives that a conversation builds up in the server. */
    public enum Reach {
        /** No state outlives a transaction: it runs in transaction mode. */
        TRANSACTION,
        /** Named prepared statements outlive transactions: in transaction mode only where the pooler keeps them. */
        PREPARED_STATEMENTS,
        /** Session state outlives transactions: it runs in session mode only. */
        SESSION
    }

    /** One step: sends, or listens and tells each frame. */
    @FunctionalInterface
    public interface Step {
        /** Runs on the thread of the conversation. */
        void run(PgClient client, Consumer<Frame> heard);

        /** Sends these messages in one piece. */
        static Step send(byte[]... messages) {
            return (client, heard) -> client.send(messages);
        }

        /** Listens up to the nth ReadyForQuery from here. */
        static Step ready(int count) {
            return (client, heard) -> {
                for (int i = 0; i < count; i++) {
                    listen(client, heard, 'Z');
                }
            };
        }

        /** Listens up to the first frame of this type, or to an ErrorResponse. */
        static Step until(char type) {
            return (client, heard) -> listen(client, heard, type, 'E');
        }

        /** Listens until the server closes. */
        static Step closed() {
            return (client, heard) -> client.readUntilClosed().forEach(heard);
        }

        /** Sends these messages in one piece and listens up to one ReadyForQuery. */
        static Step exchange(byte[]... messages) {
            return (client, heard) -> {
                client.send(messages);
                listen(client, heard, 'Z');
            };
        }

        /** Sends a simple query and listens up to ReadyForQuery. */
        static Step ask(String sql) {
            return exchange(Messages.query(sql));
        }

        private static void listen(PgClient client, Consumer<Frame> heard, char... types) {
            while (true) {
                Frame frame = client.readFrame();
                heard.accept(frame);
                for (char type : types) {
                    if (frame.type() == type) {
                        return;
                    }
                }
            }
        }
    }
}
