package dev.weir.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.testkit.Certificates.Issued;
import java.io.IOException;
import java.nio.file.Files;
import java.security.cert.CertificateExpiredException;
import java.util.List;
import org.junit.jupiter.api.Test;

class CertificatesTest {
    private final Certificates authority = Certificates.temporary();

    @Test
    void namesHostsAndAddresses() throws Exception {
        Issued issued = authority.server("db.example", "127.0.0.1", "::1");
        assertThat(issued.certificate().getSubjectAlternativeNames())
                .containsExactlyInAnyOrder(
                        List.of(2, "db.example"), List.of(7, "127.0.0.1"), List.of(7, "0:0:0:0:0:0:0:1"));
        issued.certificate().checkValidity();
    }

    @Test
    void issuesWhatHasExpired() {
        assertThatThrownBy(authority.expired("db.example").certificate()::checkValidity)
                .isInstanceOf(CertificateExpiredException.class);
    }

    @Test
    void writesKeysThatOnlyTheirOwnerReads() throws IOException {
        Issued issued = authority.client("ann");
        assertThat(Files.getPosixFilePermissions(issued.keyFile())).hasSize(2);
        assertThat(issued.keyFile()).content().startsWith("-----BEGIN PRIVATE KEY-----");
        assertThat(authority.authority()).content().startsWith("-----BEGIN CERTIFICATE-----");
    }

    @Test
    void isRefusedWhenExpiredOrForeign() {
        Issued foreign = Certificates.temporary().server("localhost");
        for (Issued wrong : List.of(authority.expired("localhost"), foreign)) {
            try (ScriptedServer server = ScriptedServer.start(session ->
                    assertThatThrownBy(() -> session.expectTls(wrong.context())).isInstanceOf(IOException.class))) {
                assertThatThrownBy(() -> PgClient.connectTls("localhost", server.port(), authority.trust()))
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining("TLS handshake failed");
            }
        }
    }
}
