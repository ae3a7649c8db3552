package dev.weir.wire.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ChannelBindingTest {

    static List<String> certificates() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(ChannelBindingTest.class.getResourceAsStream("certificates.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("certificates")
    void hashesAsOpenSslDoes(String line) throws CertificateException {
        List<String> fields = List.of(line.split(" ", -1));
        byte[] der = Base64.getDecoder().decode(fields.get(3));
        X509Certificate certificate = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));

        ChannelBinding expected = fields.get(1).equals("none")
                ? new ChannelBinding.None()
                : new ChannelBinding.ServerEndPoint(HexFormat.of().parseHex(fields.get(2)));

        assertThat(ChannelBinding.of(certificate)).as(fields.get(0)).isEqualTo(expected);
    }

    @Test
    void refusesWhatIsNoHash() {
        assertThatIllegalArgumentException().isThrownBy(() -> new ChannelBinding.ServerEndPoint(new byte[0]));
        assertThatIllegalArgumentException().isThrownBy(() -> new ChannelBinding.ServerEndPoint(new byte[65]));
    }
}
