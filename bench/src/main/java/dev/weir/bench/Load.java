package dev.weir.bench;

import java.util.OptionalInt;

/** A load that runs for some seconds and gives a rate: one line of the report for each candidate. */
sealed interface Load {
    int clients();

    /** How statements are sent, for the report. */
    String protocolTitle();

    /** What runs, for progress lines. */
    String scriptTitle();

    /**
     * pgbench with one of its own scripts.
     *
     * @param rate transactions per second that are offered, all clients together; empty for as many as it can
     */
    record Pgbench(Script script, Protocol protocol, int clients, OptionalInt rate) implements Load {
        /** Less of the offered rate than this part is not reached; around it the rate varies by chance. */
        private static final double REACHED = 0.97;

        Pgbench(Script script, Protocol protocol, int clients) {
            this(script, protocol, clients, OptionalInt.empty());
        }

        @Override
        public String protocolTitle() {
            return protocol.option();
        }

        @Override
        public String scriptTitle() {
            return script.title();
        }
    }

    /** Whether a rate is as much as is offered; if nothing is, every rate is. */
    default boolean isReached(double perSecond) {
        return !(this instanceof Pgbench pgbench)
                || pgbench.rate().isEmpty()
                || perSecond >= Pgbench.REACHED * pgbench.rate().getAsInt();
    }

    /** Whether new connections are encrypted. */
    enum Encryption {
        NONE,
        TLS,
        /** Each worker's connections resume the session of the one before, if the server lets them. */
        TLS_RESUMED
    }

    /**
     * That many workers, each of which connects, logs in, selects and closes, over and over.
     *
     * @param session where sessions are pooled, else where transactions are
     */
    record Connects(int clients, boolean session, Encryption encryption) implements Load {
        Connects(int clients, boolean session) {
            this(clients, session, Encryption.NONE);
        }

        @Override
        public String protocolTitle() {
            return switch (encryption) {
                case NONE -> session ? "session" : Protocol.SIMPLE.option();
                case TLS -> "TLS";
                case TLS_RESUMED -> "TLS, resuming";
            };
        }

        @Override
        public String scriptTitle() {
            return "connect";
        }
    }

    /** For progress lines. */
    default String title() {
        String offered = this instanceof Pgbench pgbench && pgbench.rate().isPresent()
                ? ", " + pgbench.rate().getAsInt() + "/s offered"
                : "";
        return scriptTitle() + ", " + protocolTitle() + ", " + clients() + (clients() == 1 ? " client" : " clients")
                + offered;
    }
}
