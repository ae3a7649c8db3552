package dev.weir.app.importing;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The {@code weir.toml} while it is being made, and what of PgBouncer's settings more than one part of it depends on. */
final class Draft {
    final Report report;

    /** Keys and values of tables, as they will be written. */
    final Map<String, String> listen = new LinkedHashMap<>();

    final Map<String, String> tls = new LinkedHashMap<>();
    final Map<String, String> log = new LinkedHashMap<>();
    final Map<String, String> console = new LinkedHashMap<>();
    final Map<String, String> defaults = new LinkedHashMap<>();

    int listenPort = 6432;
    boolean sessions = true;

    int poolSize;
    int minPoolSize;
    int reservePoolSize;
    boolean reserveIsOff;
    int maxUserConnections;
    int maxUserClients;
    int maxDatabaseConnections;
    Duration queueTimeout = Duration.ofMinutes(2);
    Duration serverLifetime = Duration.ofHours(1);

    String serverTls = "";
    Optional<String> serverAuthorities = Optional.empty();
    String socketFolder = "/tmp";

    Optional<Path> authFile = Optional.empty();
    Optional<Value> authFileValue = Optional.empty();
    Optional<Value> clientTls = Optional.empty();
    /** By name. */
    final Map<String, ConsoleUser> consoleUsers = new LinkedHashMap<>();

    /** Those of log_connections and log_disconnections that are off. */
    final List<Value> silencedLogs = new ArrayList<>();

    /** A user of the console, and where it is named. */
    record ConsoleUser(String role, Place place) {}

    Draft(Report report) {
        this.report = report;
    }

    /** A path as {@code weir.toml} has it: absolute, since it may lie in another folder than PgBouncer's file. */
    static String file(Value value) {
        return TomlText.text(Paths.find(value.text(), Path.of(value.place().file()))
                .toAbsolutePath()
                .normalize()
                .toString());
    }
}
