package dev.weir.bench;

import java.io.IOException;

/** Starts poolers in front of the benchmark's Postgres. */
record Poolers(Tools tools, PostgresServer postgres, Children children) {

    /** Starts one and waits until it accepts a login. */
    Started start(CandidateKind kind, Setup setup) throws BenchFailure, IOException, InterruptedException {
        return switch (kind) {
            case DIRECT -> throw runsAlready();
            case PGBOUNCER -> tools.pgbouncer().orElseThrow().start(postgres, setup, tools.user(), children);
            case WEIR, WEIR_PLAIN, WEIR_EPOLL, WEIR_IO_URING, WEIR_NIO, WEIR_JDK_TLS -> {
                WeirPorts ports = WeirPorts.free();
                yield startWeir(kind, configuration(kind, setup, ports), ports);
            }
        };
    }

    /** Starts a Weir with that configuration and waits until it accepts a login. */
    Started startWeir(CandidateKind kind, String configuration, WeirPorts ports)
            throws BenchFailure, IOException, InterruptedException {
        return tools.weir().orElseThrow().start(kind, configuration, ports, postgres.account(), children);
    }

    /** Starts one, which will pool transactions at the first of these ports, and does not wait. */
    Child launch(CandidateKind kind, Setup setup, WeirPorts ports) throws BenchFailure, IOException {
        return switch (kind) {
            case DIRECT -> throw runsAlready();
            case PGBOUNCER ->
                tools.pgbouncer().orElseThrow().launch(ports.transaction(), postgres, setup, tools.user(), children);
            case WEIR, WEIR_PLAIN, WEIR_EPOLL, WEIR_IO_URING, WEIR_NIO, WEIR_JDK_TLS ->
                tools.weir().orElseThrow().launch(configuration(kind, setup, ports), ports, children);
        };
    }

    private String configuration(CandidateKind kind, Setup setup, WeirPorts ports) {
        return WeirConfiguration.ofOneTenant(kind, postgres.account(), setup, ports);
    }

    private static IllegalArgumentException runsAlready() {
        return new IllegalArgumentException("direct Postgres runs already");
    }
}
