package dev.weir.bench;

/** A load that runs for some seconds and gives a rate: one line of the report for each candidate. */
sealed interface Load {
    Scenario scenario();

    int clients();

    /** How statements are sent, for the report. */
    String protocolTitle();

    /** pgbench with one of its own scripts; {@code scenario} is select or TPC-B. */
    record Pgbench(Scenario scenario, Protocol protocol, int clients) implements Load {
        @Override
        public String protocolTitle() {
            return protocol.option();
        }
    }

    /**
     * That many workers, each of which connects, logs in, selects and closes, over and over.
     *
     * @param session where sessions are pooled, else where transactions are
     */
    record Connects(int clients, boolean session) implements Load {
        @Override
        public Scenario scenario() {
            return Scenario.CONNECT;
        }

        @Override
        public String protocolTitle() {
            return session ? "session" : Protocol.SIMPLE.option();
        }
    }

    /** For progress lines. */
    default String title() {
        return scenario().title() + ", " + protocolTitle() + ", " + clients()
                + (clients() == 1 ? " client" : " clients");
    }
}
