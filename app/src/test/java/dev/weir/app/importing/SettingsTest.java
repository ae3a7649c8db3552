package dev.weir.app.importing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each setting does what its row of the document says. */
class SettingsTest {
    /** Changes that are valid for settings that are no numbers. */
    private static final Map<String, String> OTHER_VALUES = Map.ofEntries(
            Map.entry("pool_mode", "transaction"),
            Map.entry("auth_type", "trust"),
            Map.entry("log_connections", "0"),
            Map.entry("log_disconnections", "0"),
            Map.entry("auth_file", "userlist.txt"),
            Map.entry("client_tls_sslmode", "disable"),
            Map.entry("client_tls_key_file", "server.key"),
            Map.entry("client_tls_cert_file", "server.crt"),
            Map.entry("server_tls_sslmode", "require"),
            Map.entry("server_tls_ca_file", "ca.crt"),
            Map.entry("server_check_query", "select 7"),
            Map.entry("server_reset_query", "RESET ALL"),
            Map.entry("listen_addr", "10.1.2.3"),
            Map.entry("unix_socket_dir", "/run/sockets"));

    @TempDir
    private Path folder;

    static Stream<Setting> settings() {
        return Settings.ALL.stream();
    }

    @Test
    void eachIsThereOnce() {
        assertThat(Settings.ALL.stream().map(Setting::name))
                .doesNotHaveDuplicates()
                .hasSizeGreaterThan(95);
    }

    @ParameterizedTest
    @MethodSource("settings")
    void doesWhatItsOutcomeSays(Setting setting) throws IOException {
        for (String file : List.of("server.key", "server.crt", "ca.crt")) {
            Files.writeString(folder.resolve(file), "");
        }
        ImportResult.Made without = made("");
        ImportResult.Made with = made(setting.name() + " = " + OTHER_VALUES.getOrDefault(setting.name(), "7"));
        String told = "pgbouncer.ini:9: " + setting.name();
        switch (setting.parameter().outcome()) {
            case TAKEN -> assertThat(with.toml()).isNotEqualTo(without.toml());
            case CHANGED -> assertThat(with).isNotEqualTo(without);
            case LOST -> {
                assertThat(with.toml()).isEqualTo(without.toml());
                assertThat(with.report()).contains(told);
            }
            case NEEDLESS -> assertThat(with).isEqualTo(without);
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    void saysNothingOfADefaultThatIsWritten(Setting setting) throws IOException {
        for (String file : List.of("server.key", "server.crt", "ca.crt")) {
            Files.writeString(folder.resolve(file), "");
        }
        if (setting.parameter().outcome() == Outcome.LOST) {
            assertThat(made(setting.name() + " = " + setting.usual())).isEqualTo(made(""));
        }
    }

    private ImportResult.Made made(String line) {
        String tls = line.startsWith("client_tls_sslmode") ? "" : "client_tls_sslmode = prefer";
        String key = line.startsWith("client_tls_key_file") ? "" : "client_tls_key_file = other.key";
        String certificate = line.startsWith("client_tls_cert_file") ? "" : "client_tls_cert_file = other.crt";
        String verify = line.startsWith("server_tls_sslmode") ? "" : "server_tls_sslmode = verify-ca";
        ImportResult.Made made = ImportTexts.made(
                folder,
                """
                [databases]
                app = host=db.internal
                local =
                [pgbouncer]
                %s
                %s
                %s
                %s
                %s
                """.formatted(tls, key, certificate, verify, line),
                line.startsWith("auth_file") ? "" : "\"app\" \"secret\"\n");
        return made;
    }
}
