package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.pool.TlsProvider;
import dev.weir.testkit.Certificates;
import dev.weir.testkit.Messages;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client that breaks TLS after its handshake is disconnected; that is its doing and no ERROR in the log. */
class BrokenTlsIT {

    @ParameterizedTest
    @EnumSource(value = TlsProvider.class, mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void bytesInClearWithinAnEncryptedLogin(TlsProvider provider) throws IOException {
        Certificates certificates = Certificates.temporary();
        Certificates.Issued issued = certificates.server("localhost");
        String tls =
                "[tls]\ncertificate = \"%s\"\nkey = \"%s\"\n".formatted(issued.certificateFile(), issued.keyFile());
        String toml = PooledRole.toml(
                "tls_provider = \"" + provider.name().toLowerCase(Locale.ROOT) + "\"",
                "\n" + tls + PooledRole.tenant("acme", "127.0.0.1", 1, "u"));
        try (ErrorLog errors = ErrorLog.open();
                WeirFixture weir = WeirFixture.start(toml);
                Socket socket = new Socket(
                        InetAddress.ofLiteral("127.0.0.1"), weir.weir().transactionPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(Messages.sslRequest());
            assertThat(socket.getInputStream().read()).isEqualTo('S');
            SSLSocket encrypted =
                    (SSLSocket) certificates.trust().getSocketFactory().createSocket(socket, "localhost", 0, true);
            encrypted.startHandshake();
            encrypted
                    .getOutputStream()
                    .write(Messages.startup(Messages.PROTOCOL_3_0, Map.of("user", "u.acme", "database", "d")));
            assertThat(new DataInputStream(encrypted.getInputStream()).readByte())
                    .isEqualTo((byte) 'R');
            socket.getOutputStream().write("neither TLS nor anything else".getBytes(StandardCharsets.US_ASCII));
            errors.await("login failed");
        }
    }
}
