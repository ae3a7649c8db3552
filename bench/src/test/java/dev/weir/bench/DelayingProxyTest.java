package dev.weir.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DelayingProxyTest {
    private static final Duration ONE_WAY = Duration.ofMillis(3);

    private ServerSocket server;
    private DelayingProxy proxy;
    private Socket client;
    private Socket accepted;

    @BeforeEach
    void connect() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.ofLiteral(Candidate.HOST));
        proxy = DelayingProxy.start(server.getLocalPort(), ONE_WAY);
        client = new Socket(InetAddress.ofLiteral(Candidate.HOST), proxy.port());
        client.setTcpNoDelay(true);
        accepted = server.accept();
        accepted.setTcpNoDelay(true);
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        accepted.close();
        proxy.close();
        server.close();
    }

    @Test
    void everythingTakesTheTimeInEachDirection() throws IOException {
        DataOutputStream toServer = new DataOutputStream(client.getOutputStream());
        DataInputStream atServer = new DataInputStream(accepted.getInputStream());
        DataOutputStream toClient = new DataOutputStream(accepted.getOutputStream());
        DataInputStream atClient = new DataInputStream(client.getInputStream());
        for (int i = 0; i < 50; i++) {
            long sent = System.nanoTime();
            toServer.writeInt(i);
            assertThat(atServer.readInt()).isEqualTo(i);
            long there = System.nanoTime();
            toClient.writeInt(-i);
            assertThat(atClient.readInt()).isEqualTo(-i);
            long back = System.nanoTime();
            assertThat(there - sent).isGreaterThanOrEqualTo(ONE_WAY.toNanos());
            assertThat(back - there).isGreaterThanOrEqualTo(ONE_WAY.toNanos());
        }
    }

    @Test
    void whatIsSentInAMomentArrivesTogetherAndInOrder() throws Exception {
        byte[] sent = new byte[3_000_000];
        new Random(7).nextBytes(sent);
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
            try {
                Random pieces = new Random(8);
                int from = 0;
                while (from < sent.length) {
                    int length = Math.min(1 + pieces.nextInt(20_000), sent.length - from);
                    client.getOutputStream().write(sent, from, length);
                    from += length;
                }
                client.shutdownOutput();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        InputStream in = accepted.getInputStream();
        assertThat(in.readAllBytes()).isEqualTo(sent);
        writer.get(10, TimeUnit.SECONDS);
    }

    @Test
    void theEndComesBehindWhatWasSent() throws IOException {
        accepted.getOutputStream().write(new byte[] {1, 2, 3});
        long closed = System.nanoTime();
        accepted.close();
        assertThat(client.getInputStream().readAllBytes()).containsExactly(1, 2, 3);
        assertThat(System.nanoTime() - closed).isGreaterThanOrEqualTo(ONE_WAY.toNanos());
    }

    @Test
    void aServerThatIsNotThereEndsTheClient() throws IOException {
        server.close();
        try (Socket second = new Socket(InetAddress.ofLiteral(Candidate.HOST), proxy.port())) {
            assertThat(second.getInputStream().read()).isEqualTo(-1);
        }
    }
}
