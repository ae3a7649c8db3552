package dev.weir.app.importing;

import java.util.List;
import java.util.OptionalInt;

/** What becomes of the settings about where and how clients are served. */
final class ListenRules {
    static final List<String> MODES = List.of("session", "transaction", "statement");

    private static final int USUAL_TRANSACTION_PORT = 6543;
    private static final int USUAL_SESSION_PORT = 6542;
    private static final int USUAL_HTTP_PORT = 4000;

    private ListenRules() {}

    static void poolMode(Value value, Draft draft) {
        value.word(MODES).ifPresent(mode -> {
            draft.sessions = mode.equals("session");
            if (mode.equals("statement")) {
                draft.report.add(
                        Report.Kind.OTHERWISE,
                        value.place(),
                        "pool_mode = statement: Weir has session and transaction mode only, and clients may open"
                                + " transactions then");
            }
        });
    }

    static void port(Value value, Draft draft) {
        OptionalInt port = value.wholeNumber();
        if (port.isPresent() && (port.getAsInt() < 1 || port.getAsInt() > 65_535)) {
            value.refuse("must be between 1 and 65535");
        } else if (port.isPresent()) {
            draft.listenPort = port.getAsInt();
        }
    }

    static void address(Value value, Draft draft) {
        List<String> addresses = value.list();
        if (addresses.isEmpty()) {
            draft.listen.put("host", TomlText.text("127.0.0.1"));
            draft.report.add(
                    Report.Kind.OTHERWISE,
                    value.place(),
                    "listen_addr is not set, so PgBouncer listened on a Unix socket only; Weir has none for clients and"
                            + " listens on 127.0.0.1");
            return;
        }
        String first = addresses.getFirst();
        draft.listen.put("host", TomlText.text(first.equals("*") ? "::" : first));
        if (addresses.size() > 1) {
            draft.report.add(
                    Report.Kind.OTHERWISE,
                    value.place(),
                    "listen_addr names " + addresses.size() + " addresses, Weir listens on one: " + first
                            + " (\"::\" would be all of the machine)");
        }
    }

    static void socketFolder(Value value, Draft draft) {
        if (!value.text().isEmpty()) {
            draft.socketFolder = value.text();
        }
    }

    /** Puts the ports into the draft: PgBouncer's for its mode, and for the others what is free. */
    static void takePorts(Draft draft) {
        int own = draft.listenPort;
        String key = draft.sessions ? "session_port" : "transaction_port";
        String otherKey = draft.sessions ? "transaction_port" : "session_port";
        draft.listen.put(key, Integer.toString(own));
        draft.listen.put(otherKey, Integer.toString(otherPort(draft)));
        if (own == USUAL_HTTP_PORT) {
            draft.listen.put("http_port", Integer.toString(USUAL_HTTP_PORT + 1));
        }
    }

    /** The port of the mode that PgBouncer's own port is not for. */
    static int otherPort(Draft draft) {
        int usual = draft.sessions ? USUAL_TRANSACTION_PORT : USUAL_SESSION_PORT;
        int unusual = draft.sessions ? USUAL_SESSION_PORT : USUAL_TRANSACTION_PORT;
        return draft.listenPort == usual ? unusual : usual;
    }

    /** The port for clients of a mode. */
    static int port(String mode, Draft draft) {
        return mode.equals("session") == draft.sessions ? draft.listenPort : otherPort(draft);
    }
}
