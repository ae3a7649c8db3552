package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings that nothing else would show to be obeyed. */
class SettingEffectsIT {

    // ---- [log] format

    /** As a process of its own, since the format is that of its standard output. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text | \\S+ INFO  Weir is ready version=\".*",
                "json | \\{.*\"level\":\"INFO\".*\"message\":\"Weir is ready\".*\\}"
            })
    void theLogHasItsFormat(String format, String line, @TempDir Path folder) throws IOException, InterruptedException {
        Path file = Files.writeString(
                folder.resolve("weir.toml"), WeirFixture.LISTEN + "[log]\nformat = \"" + format + "\"\n");
        Process serve = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.weir.app.Main",
                        "serve",
                        "-c",
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output = serve.inputReader()) {
            assertThat(output.readLine()).matches(line);
        } finally {
            serve.destroy();
            serve.waitFor();
        }
    }

    // ---- [listen] backlog

    @ParameterizedTest
    @CsvSource({"1, 1, 4", "64, 20, 20"})
    void theKernelKeepsAsManyConnectionsAsTheBacklogSays(int backlog, int least, int most) throws Exception {
        String toml = "lanes = 1\nio = \"nio\"\n" + WeirFixture.LISTEN + "backlog = " + backlog + "\n";
        CountDownLatch free = new CountDownLatch(1);
        try (WeirFixture weir = WeirFixture.start(toml)) {
            try {
                block(weir.weir(), free);
                assertThat(connections(weir.weir().transactionPort(), 20)).isBetween(least, most);
            } finally {
                free.countDown();
            }
        }
    }

    /** Its only lane accepts nothing until it is free. */
    private static void block(Weir weir, CountDownLatch free) throws InterruptedException {
        Thread test = Thread.currentThread();
        CountDownLatch blocked = new CountDownLatch(1);
        CompletableFuture<Void> last;
        do {
            last = weir.view(false).thenRun(() -> {
                if (Thread.currentThread() != test) { // else the view was there already
                    blocked.countDown();
                    await(free);
                }
            });
        } while (last.isDone());
        blocked.await();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How many are connected before one is not answered, of so many. */
    private static int connections(int port, int most) throws IOException {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < most; i++) {
                Socket socket = new Socket();
                sockets.add(socket);
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 2_000);
            }
            return most;
        } catch (SocketTimeoutException full) {
            return sockets.size() - 1;
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    // ---- [console] stats_period

    @Test
    void averagesAreTakenOverThePeriod() {
        String toml = WeirFixture.toml(TestPostgres.shared())
                + "[console]\nstats_period = \"1s\"\n"
                + "[[console.user]]\nname = \"ops\"\npassword = \"p\"\nrole = \"stats\"\n";
        try (WeirFixture weir = WeirFixture.start(toml);
                PgClient console = weir.transaction("ops", "p", "pgbouncer").login();
                PgClient client =
                        weir.transaction("postgres", "postgres", "postgres").login()) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30)) // the default is twice as long
                    .until(() -> {
                        client.rows("select 1");
                        return ConsoleFixture.column(console, "SHOW STATS", "avg_query_count").stream()
                                .anyMatch(average -> !"0".equals(average));
                    });
            client.terminate();
            console.terminate();
        }
    }
}
