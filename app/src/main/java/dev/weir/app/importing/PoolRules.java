package dev.weir.app.importing;

import java.time.Duration;

/** What becomes of the settings about pools, where it is more than another name. */
final class PoolRules {
    private PoolRules() {}

    static void reserveTimeout(Value value, Draft draft) {
        value.seconds().ifPresent(time -> {
            draft.reserveIsOff = time.isZero();
            if (!time.isZero()) {
                draft.defaults.put(
                        "reserve_pool_timeout",
                        TomlText.duration(Rules.atMost(time, Rules.LONGEST_LIMIT, value, draft.report)));
            }
        });
    }

    static void maxUserConnections(Value value, Draft draft) {
        value.count().ifPresent(most -> {
            draft.maxUserConnections = most;
            reportShared(value, most, "a user's pools of all databases", draft.report);
        });
    }

    static void reportShared(Value value, int most, String who, Report report) {
        if (most > 0) {
            report.add(
                    Report.Kind.OTHERWISE,
                    value.place(),
                    value.name() + " = " + most + ": each pool has at most that, but " + who
                            + " together may have more");
        }
    }

    static void maxClients(Value value, Draft draft) {
        Rules.number(value, 1, Settings.MAX_CLIENTS, draft.report).ifPresent(most -> {
            draft.listen.put("max_clients", Integer.toString(most));
            draft.defaults.put("max_clients", Integer.toString(most));
        });
    }

    static void logConnections(Value value, Draft draft) {
        value.count().stream().filter(on -> on == 0).forEach(_ -> draft.silencedLogs.add(value));
    }

    /** Off only if both are; who sets but one of them has the other on. */
    static void logConnections(Draft draft) {
        if (draft.silencedLogs.size() == 2) {
            draft.log.put("connections", "false");
            return;
        }
        for (Value value : draft.silencedLogs) {
            draft.report.add(
                    Report.Kind.OTHERWISE,
                    value.place(),
                    value.name()
                            + " = 0: `connections` of [log] is for those who come and those who leave, and off only"
                            + " if both are");
        }
    }

    static void preparedStatements(Value value, Draft draft) {
        value.count().ifPresent(most -> {
            if (most == 0) {
                draft.report.add(
                        Report.Kind.OTHERWISE,
                        value.place(),
                        "max_prepared_statements = 0: Weir follows prepared statements always; clients notice no harm");
            } else {
                Rules.number(draft2 -> draft2.defaults, "max_prepared_statements", 1, 1_000_000)
                        .apply(value, draft);
            }
        });
    }

    static void resetQuery(Value value, Draft draft) {
        if (value.text().isEmpty()) {
            draft.report.add(
                    Report.Kind.OTHERWISE,
                    value.place(),
                    "server_reset_query is empty: Weir cleans behind a session always, by DISCARD ALL");
        } else {
            draft.defaults.put("server_reset_query", TomlText.text(value.text()));
        }
    }

    static void queryWait(Value value, Draft draft) {
        value.seconds().ifPresent(time -> draft.queueTimeout = Rules.limit(time, value, draft.report));
    }

    static void lifetime(Value value, Draft draft) {
        value.seconds().ifPresent(time -> draft.serverLifetime = lifetime(time, value, draft.report));
    }

    /** What is 0 to PgBouncer, to use a server connection once, is never to Weir. */
    static Duration lifetime(Duration time, Value value, Report report) {
        return time.isZero() ? Rules.SHORTEST : Rules.atMost(time, Rules.LONGEST_TIME, value, report);
    }

    static void checkQuery(Value value, Draft draft) {
        if (value.text().isEmpty()) {
            draft.defaults.put("server_check_delay", TomlText.duration(Rules.LONGEST_TIME));
        } else if (!value.text().equals("<empty>")) {
            draft.defaults.put("server_check_query", TomlText.text(value.text()));
        }
    }

    static void verbose(Value value, Draft draft) {
        value.count().ifPresent(level -> {
            if (level > 0) {
                draft.log.put("level", TomlText.text(level == 1 ? "debug" : "trace"));
            }
        });
    }

    static void startupParameters(Value value, Draft draft) {
        if (!value.list().isEmpty()) {
            draft.report.add(
                    Report.Kind.OTHERWISE,
                    value.place(),
                    "ignore_startup_parameters: Weir passes these on to Postgres, where they take effect: "
                            + value.text());
        }
    }
}
