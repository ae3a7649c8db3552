package dev.weir.bench;

import java.io.IOException;

/** Starts poolers in front of the benchmark's Postgres. */
record Poolers(Tools tools, PostgresServer postgres, Children children) {

    /** Starts one and waits until it accepts a login. */
    Started start(CandidateKind kind, Setup setup) throws BenchFailure, IOException, InterruptedException {
        return switch (kind) {
            case DIRECT -> throw new IllegalArgumentException("direct Postgres runs already");
            case PGBOUNCER -> tools.pgbouncer().orElseThrow().start(postgres, setup, tools.user(), children);
            case WEIR, WEIR_PLAIN, WEIR_EPOLL, WEIR_IO_URING, WEIR_NIO -> {
                WeirPorts ports = WeirPorts.free();
                String configuration = WeirConfiguration.ofOneTenant(kind, postgres.account(), setup, ports);
                yield tools.weir().orElseThrow().start(kind, configuration, ports, postgres.account(), children);
            }
        };
    }
}
