package dev.weir.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a {@link TestPostgres} is configured with: its settings and its pg_hba.conf. */
final class ServerConfiguration {
    /** Source address of our own connections, so that no test can lock us out. */
    static final String OURS = "127.0.0.2";

    private ServerConfiguration() {}

    /** Where the library unpacks the binaries once and for all; one for each user, who must own it. */
    static Path binaries() {
        return Path.of(
                System.getProperty("java.io.tmpdir"), "weir-postgres-binaries-" + System.getProperty("user.name"));
    }

    static Map<String, String> settings(
            TestPostgres.Options options, Path socketDirectory, @Nullable Certificates certificates) {
        Map<String, String> all = new TreeMap<>();
        all.put("listen_addresses", Ports.hasIpv6() ? "127.0.0.1,::1" : "127.0.0.1");
        all.put("unix_socket_directories", socketDirectory.toString());
        all.put("max_connections", "100");
        all.put("synchronous_commit", "off");
        all.put("timezone", "UTC");
        if (certificates != null) {
            Certificates.Issued certificate = certificates.server("localhost", "127.0.0.1", "::1");
            all.put("ssl", "on");
            all.put("ssl_ca_file", certificates.authority().toString());
            all.put("ssl_cert_file", certificate.certificateFile().toString());
            all.put("ssl_key_file", certificate.keyFile().toString());
        }
        all.putAll(options.settings());
        return Map.copyOf(all);
    }

    /** The first line that fits decides, so the test's own lines come before all but ours. */
    static void writeHba(Path data, TestPostgres.Options options) {
        List<String> lines = new ArrayList<>();
        lines.add("host all postgres " + OURS + "/32 trust");
        lines.addAll(options.hbaLines());
        for (TestPostgres.Login login : TestPostgres.Login.values()) {
            lines.add("local all +" + login.group() + " " + login.method);
            lines.add("host all +" + login.group() + " all " + login.method);
        }
        lines.add("local all all scram-sha-256");
        lines.add("host all,replication all all scram-sha-256");
        try {
            Files.write(data.resolve("pg_hba.conf"), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
