package dev.weir.pool;

import dev.weir.wire.PgError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells clients that log in what they find, which a real server connection must have said first. Confined to its lane. */
final class Reception {
    private record Unwelcomed(Map<String, String> startup, Pool.WelcomeTaker taker) {}

    private final Fittings fittings;
    private final ArrayList<Unwelcomed> unwelcomed = new ArrayList<>();

    /** Parameters of the server connection opened last; null until the first. */
    private @Nullable Map<String, String> parameters;

    Reception(Fittings fittings) {
        this.fittings = fittings;
    }

    /** Whether some wait for a server connection to be opened. */
    boolean isWaiting() {
        return !unwelcomed.isEmpty();
    }

    /** What clients are greeted with; null as long as no server connection has said. */
    @Nullable
    Map<String, String> known() {
        return parameters;
    }

    /** @param startup parameters that the client's startup message sets, by lower-case name */
    void welcome(Map<String, String> startup, Pool.WelcomeTaker taker) {
        Map<String, String> known = parameters;
        if (known != null) {
            fittings.welcome(known, startup, taker);
        } else {
            unwelcomed.add(new Unwelcomed(startup, taker));
        }
    }

    int waiting() {
        return unwelcomed.size();
    }

    /** It waits no longer. */
    void refuse(Pool.WelcomeTaker taker, PgError error) {
        if (unwelcomed.removeIf(waiter -> waiter.taker().equals(taker))) {
            taker.onNoWelcome(error);
        }
    }

    /** The client has gone before it was welcomed. */
    void forget(Pool.WelcomeTaker taker) {
        unwelcomed.removeIf(waiter -> waiter.taker().equals(taker));
        fittings.forget(taker);
    }

    /** A server connection was opened that has these. {@link #welcomeAll} follows. */
    void learn(Map<String, String> reported) {
        parameters = reported;
    }

    void welcomeAll(Map<String, String> reported) {
        for (Unwelcomed waiter : takeUnwelcomed()) {
            fittings.welcome(reported, waiter.startup(), waiter.taker());
        }
    }

    void refuseAll(PgError error) {
        for (Unwelcomed waiter : takeUnwelcomed()) {
            waiter.taker().onNoWelcome(error);
        }
    }

    private List<Unwelcomed> takeUnwelcomed() {
        List<Unwelcomed> waiters = List.copyOf(unwelcomed);
        unwelcomed.clear();
        return waiters;
    }

    /** The configuration of the server has changed, which clients to come are told. */
    void onReported(String name, String value) {
        Map<String, String> known = parameters;
        if (known != null && !value.equals(known.get(name))) {
            Map<String, String> changed = new LinkedHashMap<>(known);
            changed.put(name, value);
            parameters = changed;
            fittings.forget();
        }
    }

    /** The next server's may be others. */
    void forgetServer() {
        parameters = null;
        fittings.forget();
    }
}
