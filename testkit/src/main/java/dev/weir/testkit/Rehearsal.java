package dev.weir.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A short life of Weir, in which its JVM learns for its start cache which classes it will need and which methods run most.
 * Clients log in, ask and leave; behind Weir stands a {@link ScriptedServer}, so no Postgres is needed. One tenant's server
 * is Weir itself with the other tenant, so that Weir logs in by SCRAM too. {@code ./weir} runs it when it has built Weir.
 */
public final class Rehearsal {
    /** So many that what a login and a statement take is worth compiling. */
    private static final int CLIENTS = 20;

    private static final int STATEMENTS = 10;

    private static final long START_SECONDS = 60;

    /** At its end the JVM makes the cache. */
    private static final long END_SECONDS = 180;

    private static final String READY = "Weir is ready";
    private static final String PASSWORD = "rehearsal";

    private final int transactionPort = Ports.free();
    private final int sessionPort = Ports.free();
    private final int httpPort = Ports.free();

    private Rehearsal() {}

    /**
     * Exit status: that of Weir, or 1 if something went otherwise than it should.
     *
     * @param command what starts Weir, without its subcommand
     */
    public static void main(String[] command) throws Exception {
        Path folder = Files.createTempDirectory("weir-rehearsal");
        int status;
        try (ScriptedServer server = ScriptedServer.start(Rehearsal::serve)) {
            status = new Rehearsal().run(List.of(command), folder, server);
        } finally {
            Trees.delete(folder);
        }
        System.exit(status);
    }

    private int run(List<String> start, Path folder, ScriptedServer server)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        Path file = Files.writeString(folder.resolve("weir.toml"), configuration(server));
        List<String> command = new ArrayList<>(start);
        command.addAll(List.of("serve", "-c", file.toString()));
        Process weir = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            awaitReady(weir);
            for (int i = 0; i < CLIENTS; i++) {
                converse(transactionPort, "app.outer.inner", "rehearsal");
                converse(sessionPort, "app.outer", "rehearsal");
            }
            lookAt();
            weir.toHandle().destroy(); // that of the process would close its output too
            return weir.waitFor(END_SECONDS, TimeUnit.SECONDS) ? weir.exitValue() : 1;
        } finally {
            weir.destroyForcibly();
        }
    }

    private String configuration(ScriptedServer server) {
        return """
                [listen]
                host = "127.0.0.1"
                transaction_port = %d
                session_port = %d
                http_port = %d
                [[console.user]]
                name = "admin"
                password = "%s"
                role = "admin"
                [[tenant]]
                id = "outer"
                host = "127.0.0.1"
                port = %d
                upstream_tls = "disable"
                  [[tenant.user]]
                  name = "app"
                  password = "%s"
                [[tenant]]
                id = "inner"
                host = "127.0.0.1"
                port = %d
                upstream_tls = "disable"
                  [[tenant.user]]
                  name = "app.outer"
                  password = "%s"
                """.formatted(
                transactionPort, sessionPort, httpPort, PASSWORD, server.port(), PASSWORD, transactionPort, PASSWORD);
    }

    /** Its lines go to standard output, and are read to the end, or it would have to wait for that. */
    private static void awaitReady(Process weir) throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<Boolean> ready = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (BufferedReader lines = weir.inputReader()) {
                lines.lines().forEach(line -> {
                    System.out.println(line);
                    if (line.contains(READY)) {
                        ready.complete(true);
                    }
                });
                ready.complete(false);
            } catch (IOException e) {
                ready.completeExceptionally(e);
            }
        });
        if (!ready.get(START_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("Weir ended before it was ready");
        }
    }

    // ---- the clients

    private static void converse(int port, String user, String database) {
        try (PgClient client = PgClient.connect("127.0.0.1", port)) {
            client.login(user, PASSWORD, database);
            client.query("begin");
            client.query("select 1");
            client.query("commit");
            client.send(Messages.parse("one", "select $1"));
            for (int i = 0; i < STATEMENTS; i++) {
                client.query("select 1");
                client.send(
                        Messages.bind("", "one", "1"),
                        Messages.describePortal(""),
                        Messages.execute("", 0),
                        Messages.sync());
                client.readUntilReady();
            }
            client.terminate();
        }
    }

    /** As those do who look at what goes on. */
    private void lookAt() throws IOException, InterruptedException {
        try (PgClient console = PgClient.connect("127.0.0.1", transactionPort)) {
            console.login("admin", PASSWORD, "pgbouncer");
            console.query("show pools");
            console.terminate();
        }
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (String path : List.of("/health/ready", "/metrics")) {
                HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + path))
                        .build();
                int status =
                        http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
                if (status != 200) {
                    throw new IllegalStateException(path + " answers with " + status);
                }
            }
        }
    }

    // ---- the server

    /** Whatever is asked, the answer is 1. */
    private static void serve(ScriptedSession session) throws IOException {
        session.trustLogin();
        char status = 'I';
        while (true) {
            Frame frame = session.readFrame();
            switch (frame.type()) {
                case 'Q' -> {
                    String sql = Frame.text(ByteBuffer.wrap(frame.body()));
                    status = sql.equals("begin") ? 'T' : sql.equals("commit") ? 'I' : status;
                    session.sendFrames(row(), rows(), Replies.readyForQuery(status));
                }
                case 'P' -> session.sendFrames(Replies.empty('1'));
                case 'B' -> session.sendFrames(Replies.empty('2'));
                case 'C' -> session.sendFrames(Replies.empty('3'));
                case 'D' -> session.sendFrames(row());
                case 'E' -> session.sendFrames(rows());
                case 'S' -> session.sendFrames(Replies.readyForQuery(status));
                case 'X' -> {
                    return;
                }
                default -> throw new IllegalStateException("not to be expected here: " + frame);
            }
        }
    }

    private static byte[] row() {
        return Replies.rowDescription("one");
    }

    private static byte[] rows() {
        return Messages.together(Replies.dataRow("1"), Replies.commandComplete("SELECT 1"));
    }
}
