package dev.weir.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What a run does, all options settled.
 *
 * @param selectClients numbers of clients of the select-only script
 * @param tpcbClients those of the TPC-B script
 * @param rounds how often each load runs against each candidate
 * @param seconds the measured time of one load
 * @param warmUpSeconds how long a JVM is warmed before the first round of a scenario
 * @param idleClients how many idle clients the memory is divided by
 * @param tenants how many tenants are configured where there are many
 * @param streamMegabytes size of a large result, in units of 10^6 bytes
 * @param scale pgbench's scale factor, 16 MB of data each
 * @param pgbenchThreads pgbench's {@code -j}, at most
 * @param poolSize server connections of each pooler
 */
record Plan(
        List<CandidateKind> candidates,
        List<Protocol> protocols,
        List<Integer> selectClients,
        List<Integer> tpcbClients,
        int rounds,
        int seconds,
        int warmUpSeconds,
        int idleClients,
        int tenants,
        int streamMegabytes,
        int scale,
        int pgbenchThreads,
        int poolSize) {
    /** pgbench's start and end, beside the measured time. */
    private static final int AROUND_SECONDS = 2;

    Plan {
        candidates = List.copyOf(candidates);
        protocols = List.copyOf(protocols);
        selectClients = List.copyOf(selectClients);
        tpcbClients = List.copyOf(tpcbClients);
    }

    List<Integer> clients(Script script) {
        return switch (script) {
            case SELECT -> selectClients;
            case TPCB -> tpcbClients;
        };
    }

    /** How long all rounds of that many loads take, each candidate's counted. */
    long secondsOf(int loads) {
        return (long) loads * rounds * (seconds + AROUND_SECONDS);
    }

    /** Roughly how long it takes; rather too much, since some loads are skipped. */
    Duration estimate(List<Scenario> scenarios) {
        return Duration.ofSeconds(scenarios.stream()
                .mapToLong(scenario -> scenario.estimateSeconds(this))
                .sum());
    }

    /** The candidates in the order of one round: the first moves on by one each round, so that none is always first. */
    static List<CandidateKind> order(List<CandidateKind> candidates, int round) {
        List<CandidateKind> order = new ArrayList<>(candidates);
        Collections.rotate(order, -round);
        return order;
    }
}
