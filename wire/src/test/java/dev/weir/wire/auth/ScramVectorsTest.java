package dev.weir.wire.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Against the RFC's example, and verifiers that PostgreSQL 18.6 made with CREATE ROLE. */
class ScramVectorsTest {

    @Test
    void agreesWithTheExampleOfRfc7677() {
        byte[] salt = Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");
        ScramKeys keys = ScramKeys.derive("pencil", salt, 4096);
        Transcript transcript = new Transcript(
                "n=user,r=rOprNGfwEbeRWgbNEkqO",
                "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");

        byte[] proof = transcript.overlay(keys.clientKey(), keys.storedKey());

        assertThat(ScramAttributes.base64(proof)).isEqualTo("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        assertThat(transcript.overlay(proof, keys.storedKey())).isEqualTo(keys.clientKey());
        assertThat(ScramAttributes.base64(transcript.serverSignature(keys.serverKey())))
                .isEqualTo("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }

    static List<Arguments> madeByPostgres() {
        return List.of(
                arguments(
                        "ASCII",
                        "pencil",
                        "SCRAM-SHA-256$4096:6M4zczapEtfxgw8UH6YmBQ==$X9ztJD9+utij50h5gsbadfipzGuoTYKN2w7cBpbhTkg=:2V1PW+KrZupDLqSMt2rdbzZQ+Vk8JtvYKbTcJ3dyL0M="),
                arguments(
                        "an emoji was not assigned in Unicode 3.2, so the bytes count as they are",
                        "Gr\u00fc\u00dfe, I\u2060X \u2460 \u6f22\u5b57 \ud83d\udd11",
                        "SCRAM-SHA-256$4096:Vy94CJUA2j0FZwJ5DoANAQ==$0ggixqzriSIHagpMLGHrpKPVIMIw7dd/SuIbtCLRmQk=:rdQfqg5uExm7cfWygSBwpi9CVSSPHobW/LzmX6GTn04="),
                arguments(
                        "soft hyphen, Roman nine, no-break space",
                        "\u00adI\u2168 \u00a0x",
                        "SCRAM-SHA-256$123:RHOXVVB5ks8OHxmQM0qfUw==$yPY/8ePFGdfkOGB2NcpCCKnn7gqSXTwYDDaNxS6AFms=:UOOuqobyUKauqt2dW8NEiuwllgZJcuvoCqI0ug990n0="),
                arguments(
                        "a control character among ASCII",
                        "ascii \u0007 control",
                        "SCRAM-SHA-256$123:XtxgMUBSR0YVvxVjQKV7wQ==$0ge7FHJ47muYON2hgJJU5dSdKNtU/67lPssWV5kQPXE=:toNbmy+U3Ha1Jpj7YK258sHis/4ikr3WNs74QPMMTE8="),
                arguments(
                        "right to left, but a digit ends it",
                        "\u06271",
                        "SCRAM-SHA-256$123:JbCqEYt5+UGQJVdGtIciCw==$EbggrettFatxosbwnuLsKhYv+kLAP2bJEVifXp+sqDc=:Ae1ehg65oHJWe4ZUxVobkkJ8aUMzpg1UbBW2U9vt4yM="),
                arguments(
                        "right to left at both ends",
                        "\u06271\u0627",
                        "SCRAM-SHA-256$123:dLRxi3O1NQqc6oqKNOW8SA==$o9YNBMmMXhK4zbwd439v3B8duUDeSo0ezmSzBnan4xM=:0ZqoKKwX64H+5XcErLzZvtCrzLzNHaT6a9X/AMi+yuc="),
                arguments(
                        "a soft hyphen, of which nothing would be left",
                        "\u00ad",
                        "SCRAM-SHA-256$123:nYIFFo+XN/12JchMm9dZ7A==$UwNokiHcTwIYFZyTOtui5wQ+48t69Jpyn1p/JwXvoSA=:/Ryuav3Wl9oQEsRSM9cOZQzMHxJX1p/tGwDAO2NXh0k="),
                arguments(
                        "a letter of Unicode 4 that NFKC would turn into one of ASCII",
                        "x\u200by\u1d2c",
                        "SCRAM-SHA-256$123:mxyCrv5sV0o4Lut8FCJ7CQ==$TclkuhujrljcGjLZEx8IlfkUFHL/xz5JBz4QtWmQq3I=:ES9/VnkSWbP1kDAYBMlkQheNkVXclpCcqUngBcipquQ="),
                arguments(
                        "a zero width space, in two tables of RFC 3454",
                        "x\u200by\u2168",
                        "SCRAM-SHA-256$123:V+LF8uzpdzX9DRLsJelHug==$uK0cnkaybuOx7uQSYIofQ07mVfQedVzAUcvicytl4G0=:sNuBN066yXVvtQcl0bLUl0suvRUXGXwF8xd3JUyjzJU="),
                arguments(
                        "a deprecated accent that NFKC would turn into another",
                        "a\u0340",
                        "SCRAM-SHA-256$123:sdWU+sSIeRYgmyGVwKtEIg==$g0PitSSldJrYUXwGc9++2vLd7I+0vzzBtGoXinmWO8M=:SbtiVIlY40egfYLdrCtzhxYgLZdOkBu4MPkuSBKwtlM="));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("madeByPostgres")
    void agreesWithVerifiersOfPostgres(String about, String password, String text) {
        assertThat(about).isNotEmpty();
        ScramVerifier verifier = ScramVerifier.parse(text).orElseThrow();
        byte[] salt = verifier.salt();
        int iterations = verifier.iterations();

        assertThat(verifier.text()).isEqualTo(text);
        assertThat(ScramVerifier.derive(password, salt, iterations)).isEqualTo(verifier);
        assertThat(verifier.accepts(ScramKeys.derive(password.getBytes(StandardCharsets.UTF_8), salt, iterations)))
                .isTrue();
        assertThat(verifier.accepts(ScramKeys.derive(password + "x", salt, iterations)))
                .isFalse();
    }
}
