package dev.weir.app.importing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads the lines of PgBouncer's section {@code [databases]}. */
final class DatabaseReader {
    private static final int USUAL_PORT = 5432;

    private final Draft draft;
    private final Faults faults;
    private final Map<String, Database> databases = new LinkedHashMap<>();

    DatabaseReader(Draft draft, Faults faults) {
        this.draft = draft;
        this.faults = faults;
    }

    /** Of two lines with the same name the last holds, as to PgBouncer. */
    void read(IniEntry entry) {
        Map<String, Value> values = new LinkedHashMap<>();
        for (Value value : ConnectText.pairs(entry, faults)) {
            Optional<Parameter> parameter = Parameters.find(Parameters.OF_DATABASE, value.key());
            if (parameter.isEmpty()) {
                faults.add(value.place(), entry.key() + ": unknown parameter " + value.key());
                continue;
            }
            parameter.get().reportLost(value, draft.report);
            values.put(value.key().equals("reserve_pool") ? "reserve_pool_size" : value.key(), value);
        }
        if (entry.key().equals("pgbouncer")) {
            faults.add(entry.place(), "the name pgbouncer is reserved for PgBouncer's console");
            return;
        }
        List<String> hosts = hosts(entry, values);
        OptionalInt port = port(values);
        Optional<String> target = Optional.ofNullable(values.get("dbname"))
                .map(Value::text)
                .or(() -> entry.key().equals(Database.ANY) ? Optional.empty() : Optional.of(entry.key()));
        if (target.isPresent() && Names.isTooLong(target.get())) {
            faults.add(entry.place(), entry.key() + ": a database's name has at most " + Names.MAX_BYTES + " bytes");
        } else if (!hosts.isEmpty() && port.isPresent()) {
            databases.remove(entry.key());
            databases.put(
                    entry.key(),
                    new Database(entry.place(), entry.key(), target, hosts, port.getAsInt(), Map.copyOf(values)));
        }
    }

    List<Database> all() {
        return List.copyOf(databases.values());
    }

    private OptionalInt port(Map<String, Value> values) {
        Value value = values.get("port");
        if (value == null) {
            return OptionalInt.of(USUAL_PORT);
        }
        OptionalInt port = value.wholeNumber();
        if (port.isPresent() && (port.getAsInt() < 1 || port.getAsInt() > 65_535)) {
            value.refuse("must be between 1 and 65535");
            return OptionalInt.empty();
        }
        return port;
    }

    private List<String> hosts(IniEntry entry, Map<String, Value> values) {
        Value value = values.get("host");
        List<String> written = value == null ? List.of(draft.socketFolder) : value.list();
        List<String> hosts = new ArrayList<>();
        for (String host : written) {
            if (host.startsWith("@")) {
                draft.report.add(
                        Report.Kind.DO,
                        entry.place(),
                        entry.key() + ": " + host
                                + " is a socket without a file, which Weir can't reach; let Postgres listen"
                                + " elsewhere too");
            } else {
                hosts.add(host);
            }
        }
        if (hosts.size() > 1 && !values.containsKey("load_balance_hosts")) {
            draft.report.add(
                    Report.Kind.OTHERWISE,
                    entry.place(),
                    entry.key() + ": PgBouncer takes its hosts in turn; Weir the first that accepts");
        }
        return hosts;
    }
}
