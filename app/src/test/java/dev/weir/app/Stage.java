package dev.weir.app;

import dev.weir.testkit.Destination;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.Transcript;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Where a story with several clients is told. A client logs in when it is first named; a request is answered in full
 * before the next one of anybody is sent; what each hears is written down, so that the same story told to Postgres itself
 * and through Weir can be held against each other.
 */
final class Stage implements AutoCloseable {
    /**
     * What clients do, in words and in deeds.
     *
     * @param setting statements that the owner of the schema runs before, unseen
     */
    record Story(String name, List<String> setting, Consumer<Stage> plot) {
        Story(String name, Consumer<Stage> plot) {
            this(name, List.of(), plot);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private final Destination destination;
    private final Runnable whenAllRest;
    private final Map<String, PgClient> clients = new LinkedHashMap<>();
    private final Map<String, Character> statuses = new HashMap<>();
    private final List<String> heard = new ArrayList<>();

    private Stage(Destination destination, Runnable whenAllRest) {
        this.destination = destination;
        this.whenAllRest = whenAllRest;
    }

    /**
     * Tells a story to a server.
     *
     * @param whenAllRest what happens before each request that is sent while no client has a transaction open
     */
    static Transcript tell(Story story, Destination destination, Runnable whenAllRest) {
        try (PgClient owner = destination.login()) {
            story.setting().forEach(owner::rows);
            owner.terminate();
        }
        try (Stage stage = new Stage(destination, whenAllRest)) {
            story.plot().accept(stage);
            return new Transcript(stage.heard);
        } catch (AssertionError e) {
            throw new AssertionError("in the story '" + story + "' with " + destination + ": " + e, e);
        }
    }

    /** Lets a client send these messages in one piece and hear all that they ask for. */
    Stage send(String who, byte[]... messages) {
        int requests = 0;
        for (byte[] message : messages) {
            if (message[0] == 'Q' || message[0] == 'S' || message[0] == 'F') {
                requests++;
            }
        }
        rest();
        PgClient client = client(who);
        client.send(messages);
        for (int i = 0; i < requests; i++) {
            write(who, client.readUntilReady());
        }
        return this;
    }

    /** Lets a client send these messages, none of which asks for a ReadyForQuery, and hear up to a frame of this type, no error. */
    Stage sendUntil(String who, char type, byte[]... messages) {
        rest();
        PgClient client = client(who);
        client.send(messages);
        List<Frame> frames = new ArrayList<>();
        do {
            frames.add(client.readFrame());
            if (frames.getLast().type() == 'E') {
                throw new AssertionError(who + " hears " + frames.getLast() + " in place of " + type);
            }
        } while (frames.getLast().type() != type);
        write(who, frames);
        statuses.put(who, 'T');
        return this;
    }

    Stage query(String who, String sql) {
        return send(who, Messages.query(sql));
    }

    /** Lets a client leave orderly; named again, it is a new one. */
    Stage leave(String who) {
        PgClient client = clients.remove(who);
        if (client != null) {
            client.terminate();
        }
        statuses.remove(who);
        return this;
    }

    private void rest() {
        if (statuses.values().stream().allMatch(status -> status == 'I')) {
            whenAllRest.run();
        }
    }

    private PgClient client(String who) {
        return clients.computeIfAbsent(who, name -> {
            statuses.put(name, 'I');
            return destination.login();
        });
    }

    private void write(String who, List<Frame> frames) {
        Transcript.Writer writer = new Transcript.Writer();
        frames.forEach(writer::add);
        writer.end().lines().forEach(line -> heard.add(who + ": " + line));
        if (frames.getLast().type() == 'Z') {
            statuses.put(who, frames.getLast().status());
        }
    }

    @Override
    public void close() {
        clients.values().forEach(PgClient::close);
    }
}
