package dev.weir.app.config;

import static dev.weir.app.config.ConfigTexts.TENANT;
import static dev.weir.app.config.ConfigTexts.faults;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Faults of single values outside the tenants, and how values are shown in them. */
class ConfigFaultsTest {
    @ParameterizedTest
    @MethodSource
    void refuses(String text, String fault) {
        assertThat(faults(text)).containsExactly("weir.toml:" + fault);
    }

    static Stream<Arguments> refuses() {
        return Stream.of(
                // types and ranges
                Arguments.of("lanes = 257", "1: lanes: must be between 1 and 256, is 257"),
                Arguments.of("lanes = 1.5", "1: lanes: must be a whole number between 1 and 256, is 1.5"),
                Arguments.of("lanes = true", "1: lanes: must be a whole number between 1 and 256, is true"),
                Arguments.of("lanes = [1]", "1: lanes: must be a whole number between 1 and 256, is a list"),
                Arguments.of("lanes.a = 1", "1: lanes: must be a whole number between 1 and 256, is a table"),
                Arguments.of(
                        "lanes = 2026-01-01",
                        "1: lanes: must be a whole number between 1 and 256, is a date or a time"),
                Arguments.of(
                        "io = \"iouring\"",
                        "1: io: must be one of \"auto\", \"io_uring\", \"epoll\", \"nio\", is \"iouring\""),
                Arguments.of("io = 1", "1: io: must be one of \"auto\", \"io_uring\", \"epoll\", \"nio\", is 1"),
                Arguments.of("[log]\nformat = \"xml\"", "2: log.format: must be one of \"text\", \"json\", is \"xml\""),
                Arguments.of(
                        "[log]\nlevel = \"INFO\"",
                        "2: log.level: must be one of \"error\", \"warn\", \"info\", \"debug\", \"trace\", is \"INFO\""),
                Arguments.of(
                        "[listen]\nsession_port = 65536",
                        "2: listen.session_port: must be between 0 and 65535, is 65536"),
                Arguments.of(
                        "[listen]\nhost = \"\"",
                        "2: listen.host: must be a host name or an address, without a port, is \"\""),
                Arguments.of(
                        "[listen]\nhost = \"/tmp\"",
                        "2: listen.host: must be a host name or an address, without a port, is \"/tmp\""),
                Arguments.of(
                        "default_tenant = \"a.b\"",
                        "1: default_tenant: must be 1 to 63 letters, digits, _ or -, " + "is \"a.b\""),
                Arguments.of("default_tenant = \"b\"", "1: default_tenant: must be the id of a tenant, is \"b\""),
                // durations
                Arguments.of(
                        "[listen]\nlogin_timeout = 15",
                        "2: listen.login_timeout: must have a unit and quotes, as in \"30s\" (ms, s, m, h, d), is 15"),
                Arguments.of(
                        "[listen]\nlogin_timeout = \"15\"",
                        "2: listen.login_timeout: must be a whole number and its unit (ms, s, m, h, d), "
                                + "as in \"30s\", is \"15\""),
                Arguments.of(
                        "[listen]\nlogin_timeout = \"1.5s\"",
                        "2: listen.login_timeout: must be a whole number and its unit (ms, s, m, h, d), "
                                + "as in \"30s\", is \"1.5s\""),
                Arguments.of(
                        "[listen]\nlogin_timeout = true",
                        "2: listen.login_timeout: must be a duration, as in \"30s\", is true"),
                Arguments.of(
                        "[listen]\nlogin_timeout = \"0s\"",
                        "2: listen.login_timeout: must be between 1ms and 1d, is \"0s\""),
                Arguments.of(
                        "[listen]\nlogin_timeout = \"25h\"",
                        "2: listen.login_timeout: must be between 1ms and 1d, is \"25h\""),
                Arguments.of(
                        "[listen]\nlogin_timeout = \"99999999999999999999d\"",
                        "2: listen.login_timeout: must be between 1ms and 1d, is \"99999999999999999999d\""),
                Arguments.of(
                        "[defaults]\nqueue_timeout = \"0ms\"",
                        "2: defaults.queue_timeout: must be between 1ms and 1d, is \"0ms\""),
                // tables
                Arguments.of("listen = 6543", "1: listen: must be a table, written [listen]"),
                Arguments.of("[[listen]]", "1: listen: must be a table, written [listen]"),
                Arguments.of("tls = 1", "1: tls: must be a table, written [tls]"),
                Arguments.of("[tenant]\nid = \"a\"", "1: tenant: must be a table, written [[tenant]]"),
                Arguments.of("tenant = [1]", "1: tenant[0]: must be a table, written [[tenant]]"),
                // unknown keys
                Arguments.of("colour = 1", "1: colour: unknown key"),
                Arguments.of("lane = 1", "1: lane: unknown key, did you mean lanes?"),
                Arguments.of("[lsiten]", "1: lsiten: unknown key, did you mean listen?"),
                Arguments.of("[[tenants]]", "1: tenants: unknown key, did you mean tenant?"),
                Arguments.of(
                        "[listen]\nsession-port = 1",
                        "2: listen.session-port: unknown key, did you mean session_port?"),
                Arguments.of("[log]\nLevel = 1", "2: log.Level: unknown key, did you mean level?"),
                Arguments.of("[defaults]\npoolsize = 1", "2: defaults.poolsize: unknown key, did you mean pool_size?"),
                Arguments.of(
                        "[defaults]\nport = 1",
                        "2: defaults.port: unknown key here; it belongs to [[host]] or [[tenant]]"),
                Arguments.of(
                        "pool_size = 1",
                        "1: pool_size: unknown key here; it belongs to [defaults] or a [[tenant]] "
                                + "or [[tenant.user]]"),
                Arguments.of("\"a\\nb\" = 1", "1: \"a\\nb\": unknown key"),
                // cross checks
                Arguments.of(
                        "[listen]\nsession_port = 7000\ntransaction_port = 7000",
                        "2: listen.session_port: must differ from transaction_port, both are 7000"),
                Arguments.of(
                        "[listen]\ntransaction_port = 6542",
                        "2: listen.transaction_port: must differ from session_port, both are 6542"),
                Arguments.of(
                        "[listen]\nhttp_port = 6543",
                        "2: listen.http_port: must differ from transaction_port, both are 6543"),
                Arguments.of(
                        "[listen]\nsession_port = 4000",
                        "2: listen.session_port: must differ from http_port, both are 4000"));
    }

    @Test
    void tlsNeedsBothFiles(@TempDir Path folder) {
        assertThat(faults("\n[tls]\n"))
                .containsExactly("weir.toml:2: tls.certificate: is missing", "weir.toml:2: tls.key: is missing");
        assertThat(faults("[tls]\ncertificate = \"no.crt\"\nkey = 1\n", folder, Map.of()))
                .containsExactly(
                        "weir.toml:2: tls.certificate: must be a file that exists (a relative path starts at " + folder
                                + "), is \"no.crt\"",
                        "weir.toml:3: tls.key: must be the path of a file, is 1");
        assertThat(faults("[tls]\ncertificate = \"\\u0000\"\nkey = \"\"\n", folder, Map.of()))
                .containsExactly(
                        "weir.toml:2: tls.certificate: must be the path of a file, is \"\\u0000\"",
                        "weir.toml:3: tls.key: must be a file that exists (a relative path starts at " + folder
                                + "), is \"\"");
    }

    @Test
    void showsLongTextsCut() {
        assertThat(faults("io = \"" + "x".repeat(100) + "\""))
                .singleElement()
                .asString()
                .endsWith(", is \"" + "x".repeat(60) + "...\"");
    }

    @Test
    void showsTheVariableAndNotWhatItHolds() {
        assertThat(faults("io = \"${IO}\"", Path.of(""), Map.of("IO", "s3cr3t")))
                .singleElement()
                .asString()
                .endsWith(", is \"${IO}\"");
    }

    @Test
    void reportsEachUnsetVariable() {
        assertThat(faults("io = \"${FIRST}${SECOND}\"\n[listen]\nhost = \"${ A }\""))
                .containsExactly(
                        "weir.toml:1: io: the environment variable FIRST is not set",
                        "weir.toml:1: io: the environment variable SECOND is not set",
                        "weir.toml:3: listen.host: must have the name of an environment variable between ${ and }; "
                                + "a $ that stands for itself is written $$");
    }

    @Test
    void showsNothingOfAConnectionUrl() {
        assertThat(faults(TENANT.replace("db.internal", "postgres://app:s3cr3t@db/postgres")))
                .containsExactly("weir.toml:3: tenant[0].host: must be a host name or an address without a port, "
                        + "or a directory beginning with \"/\"");
    }

    @ParameterizedTest
    @MethodSource
    void syntaxErrorsShowNothingOfASecret(String line) {
        assertThat(faults(line)).isNotEmpty().noneMatch(fault -> fault.contains("s3cr3t"));
    }

    static Stream<String> syntaxErrorsShowNothingOfASecret() {
        return Stream.of(
                "password = s3cr3t",
                "password = \"a\"s3cr3t\"",
                "password = \"a\" s3cr3t",
                "password = 'a's3cr3t'",
                "password = \"s3cr3t",
                "password = \"a\\s3cr3t\"",
                "password = \"\\us3cr3t\"",
                "password = 1s3cr3t",
                "password = \"\"\"a\"\"\"s3cr3t");
    }
}
