package dev.weir.pool;

import dev.weir.wire.PgError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What clients find who set parameters by their startup message: the first with a set of them has it tried on a server
 * connection, which says whether it may be so and what comes of it; all others are told the same. Confined to its lane.
 */
final class Fittings {
    /** Sets of parameters that are remembered. */
    private static final int REMEMBERED = 256;

    private record Fitted(Map<String, String> reported, SessionParameters own) {}

    private final Pool pool;

    private final Map<Map<String, String>, Fitted> fitted = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Map<String, String>, Fitted> eldest) {
            return size() > REMEMBERED;
        }
    };

    private final Map<Map<String, String>, Fitting> underway = new HashMap<>();

    Fittings(Pool pool) {
        this.pool = pool;
    }

    /** @param reported what a server connection reports by itself */
    void welcome(Map<String, String> reported, Map<String, String> startup, Pool.WelcomeTaker taker) {
        SessionParameters asked = own(startup, reported);
        if (asked.isNone()) {
            taker.onWelcome(reported, asked);
            return;
        }
        Fitted known = fitted.get(startup);
        if (known != null) {
            taker.onWelcome(known.reported, known.own);
            return;
        }
        Fitting running = underway.get(startup);
        if (running != null) {
            running.takers.add(taker);
            return;
        }
        Fitting fitting = new Fitting(reported, startup, asked);
        fitting.takers.add(taker);
        underway.put(startup, fitting);
        pool.lend(fitting);
    }

    void forget(Pool.WelcomeTaker taker) {
        underway.values().forEach(fitting -> fitting.takers.remove(taker));
    }

    /** Other servers may say otherwise. */
    void forget() {
        fitted.clear();
    }

    /** What is asked for and is not so already. */
    private static SessionParameters own(Map<String, String> startup, Map<String, String> reported) {
        SessionParameters own = SessionParameters.NONE;
        for (Map.Entry<String, String> entry : startup.entrySet()) {
            if (!entry.getValue().equals(reportedAs(entry.getKey(), reported))) {
                own = own.with(entry.getKey(), SessionParameters.assignment(entry.getKey(), entry.getValue()));
            }
        }
        return own;
    }

    /** @return null if it is not reported */
    private static @Nullable String reportedAs(String lowerName, Map<String, String> reported) {
        for (Map.Entry<String, String> entry : reported.entrySet()) {
            if (entry.getKey().equalsIgnoreCase(lowerName)) {
                return entry.getValue();
            }
        }
        return null;
    }

    /**
     * Of what is asked for, what is still not as the server has it by itself, now that it has been tried; with the whole
     * value where the server has reported it, since that which was asked for may be a part of it, as in DateStyle.
     */
    private static SessionParameters remaining(
            SessionParameters asked, Map<String, String> before, Map<String, String> after) {
        SessionParameters remaining = asked;
        for (Map.Entry<String, String> entry : after.entrySet()) {
            String name = entry.getKey().toLowerCase(Locale.ROOT);
            if (entry.getValue().equals(before.get(entry.getKey()))) {
                remaining = remaining.with(name, null);
            } else if (remaining.has(name)) {
                remaining = remaining.with(name, SessionParameters.assignment(name, entry.getValue()));
            }
        }
        return remaining;
    }

    /** One trial. */
    private final class Fitting extends OwnBorrower implements OwnQuery {
        private final Map<String, String> before;
        private final Map<String, String> startup;
        private final SessionParameters asked;
        private final List<Pool.WelcomeTaker> takers = new ArrayList<>();
        private SessionParameters previous = SessionParameters.NONE;
        private @Nullable ServerConnection server;
        private @Nullable PgError error;

        Fitting(Map<String, String> before, Map<String, String> startup, SessionParameters asked) {
            this.before = before;
            this.startup = startup;
            this.asked = asked;
        }

        @Override
        public void onLent(ServerConnection lent) {
            server = lent;
            error = null;
            previous = lent.session().parameters();
            String clean = SessionParameters.change(previous, SessionParameters.NONE);
            String change = SessionParameters.change(SessionParameters.NONE, asked);
            lent.session().setParameters(asked);
            lent.session().runOwn(clean.isEmpty() ? change : clean + ";" + change, this);
            lent.flushRequests();
        }

        @Override
        public void onError(PgError failure) {
            error = failure;
        }

        @Override
        public void onAnswered() {
            // onReady follows
        }

        @Override
        public void onUndone() {
            if (server != null) {
                server.session().setParameters(previous); // all of it was undone
            }
        }

        @Override
        public void onReady(boolean atRest) {
            ServerConnection lent = server;
            if (lent == null || !atRest) {
                return;
            }
            server = null;
            underway.remove(startup);
            Map<String, String> after = new LinkedHashMap<>(lent.reported());
            lent.giveBack();
            PgError failure = error;
            if (failure != null) {
                refuse(failure);
                return;
            }
            Fitted result = new Fitted(after, remaining(asked, before, after));
            fitted.put(startup, result);
            for (Pool.WelcomeTaker taker : List.copyOf(takers)) {
                taker.onWelcome(result.reported, result.own);
            }
        }

        @Override
        public void onRefused(PgError failure) {
            underway.remove(startup);
            refuse(failure);
        }

        @Override
        public void onServerLost(@Nullable PgError lastWords) {
            server = null;
            if (takers.isEmpty()) {
                underway.remove(startup);
            } else {
                pool.lend(this); // it may not have been the parameters' fault
            }
        }

        private void refuse(PgError failure) {
            for (Pool.WelcomeTaker taker : List.copyOf(takers)) {
                taker.onNoWelcome(failure);
            }
        }
    }
}
