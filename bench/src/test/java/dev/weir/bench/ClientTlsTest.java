package dev.weir.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a server with the JDK's TLS. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClientTlsTest {
    private static final int HEADER_BYTES = 4;

    @TempDir
    private static Path folder;

    private static Children children;
    private static TlsFiles files;
    private static SSLContext context;

    private final List<SSLSocket> accepted = new CopyOnWriteArrayList<>();
    private ServerSocket server;
    private volatile Conversation conversation = socket -> {};
    private volatile char answer = 'S';

    private interface Conversation {
        void run(SSLSocket socket) throws IOException;
    }

    @BeforeAll
    static void makeFiles() throws Exception {
        children = new Children(folder, false);
        files = TlsFiles.create(folder, children);
        context = SSLContext.getInstance("TLS");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        String key = Files.readString(files.key()).replaceAll("-----.*-----|\n", "");
        store.setKeyEntry(
                "server",
                KeyFactory.getInstance("EC")
                        .generatePrivate(
                                new PKCS8EncodedKeySpec(Base64.getDecoder().decode(key))),
                new char[0],
                new Certificate[] {files.readCertificate()});
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        context.init(keys.getKeyManagers(), null, null);
    }

    @AfterAll
    static void end() {
        children.close();
    }

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.ofLiteral(Candidate.HOST));
        Thread.startVirtualThread(() -> {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    Thread.ofPlatform().daemon().start(() -> serve(socket));
                } catch (IOException e) {
                    return; // closed
                }
            }
        });
    }

    @AfterEach
    void close() throws IOException {
        server.close();
        for (SSLSocket socket : accepted) {
            socket.close();
        }
    }

    private void serve(Socket socket) {
        try {
            new DataInputStream(socket.getInputStream()).readLong();
            socket.getOutputStream().write(answer);
            if (answer == 'S') {
                SSLSocket secure = (SSLSocket) context.getSocketFactory().createSocket(socket, null, true);
                secure.setUseClientMode(false);
                accepted.add(secure);
                secure.startHandshake();
                conversation.run(secure);
            }
        } catch (IOException e) {
            return; // the client has left, and it is the client that is tested
        }
    }

    @Test
    void whatIsSentComesBackWhateverItsLength() throws Exception {
        conversation = socket -> socket.getInputStream().transferTo(socket.getOutputStream());
        Random random = new Random(7);
        ByteBuffer room = ByteBuffer.allocate(100_000);
        try (TlsChannel channel = new ClientTls(files, false).connect(server.getLocalPort())) {
            for (int length : List.of(1, 5, 16_384, 16_385, 60_000)) {
                byte[] sent = new byte[length];
                random.nextBytes(sent);
                assertThat(channel.write(ByteBuffer.wrap(sent))).isEqualTo(length);
                room.clear();
                while (room.position() < length) {
                    assertThat(channel.read(room)).isPositive();
                }
                assertThat(room.flip()).isEqualTo(ByteBuffer.wrap(sent));
            }
        }
    }

    @Test
    void theEndComesBehindAllThatWasSent() throws Exception {
        byte[] sent = new byte[3_000_000];
        new Random(8).nextBytes(sent);
        conversation = socket -> {
            socket.getOutputStream().write(sent);
            socket.close();
        };
        ByteBuffer all = ByteBuffer.allocate(sent.length + 20_000);
        try (ByteChannel channel = new ClientTls(files, false).connect(server.getLocalPort())) {
            while (channel.read(all) >= 0) {
                assertThat(all.hasRemaining()).isTrue();
            }
        }
        assertThat(all.flip()).isEqualTo(ByteBuffer.wrap(sent));
    }

    @Test
    void resumesSessionsOnlyWhenItIsTo() throws Exception {
        conversation = socket -> {
            socket.getOutputStream().write(1);
            socket.getInputStream().read();
        };
        assertThat(fullHandshakes(new ClientTls(files, true), 4)).isEqualTo(1);
        assertThat(fullHandshakes(new ClientTls(files, false), 4)).isEqualTo(4);
    }

    private long fullHandshakes(ClientTls tls, int connections) throws IOException, BenchFailure {
        for (int i = 0; i < connections; i++) {
            try (TlsChannel channel = tls.connect(server.getLocalPort())) {
                assertThat(channel.read(ByteBuffer.allocate(20_000))).isEqualTo(1);
            }
        }
        return tls.fullHandshakes();
    }

    @Test
    void saysWhenThereIsNoTls() throws Exception {
        answer = 'N';
        ClientTls tls = new ClientTls(files, false);
        assertThatThrownBy(() -> tls.connect(server.getLocalPort()))
                .isInstanceOf(BenchFailure.class)
                .hasMessageContaining("does not offer TLS");
    }

    @Test
    void idleClientsLogInByTlsAndNoticeTheirEnd() throws Exception {
        conversation = socket -> {
            logIn(socket);
            socket.getInputStream().read();
        };
        Account account = new Account("bench", "none", "bench");
        try (IdleClients idle = IdleClients.open(5, server.getLocalPort(), account, Optional.of(files))) {
            idle.requireAllOpen();
            assertThat(accepted).hasSize(5);
            accepted.get(3).close();
            assertThatThrownBy(() -> {
                        while (true) {
                            idle.requireAllOpen();
                            Thread.onSpinWait();
                        }
                    })
                    .hasMessageContaining("closed an idle connection");
        }
    }

    /** Lets everybody in: AuthenticationOk and ReadyForQuery, in two records. */
    private static void logIn(SSLSocket socket) throws IOException {
        InputStream in = socket.getInputStream();
        OutputStream out = socket.getOutputStream();
        int length = new DataInputStream(in).readInt();
        if (in.readNBytes(length - HEADER_BYTES).length < length - HEADER_BYTES) {
            throw new EOFException();
        }
        out.write(new byte[] {'R', 0, 0, 0, 8, 0, 0, 0, 0});
        out.flush();
        out.write(new byte[] {'Z', 0, 0, 0, 5, 'I'});
        out.flush();
    }
}
