package dev.weir.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What a run does, all options settled.
 *
 * @param clients pgbench's numbers of clients
 * @param rounds how often each load runs against each candidate
 * @param seconds the measured time of one load
 * @param warmUpSeconds how long a JVM is warmed, once, before the first round
 * @param idleClients how many idle clients the memory is divided by
 * @param streamMegabytes size of the large result, in units of 10^6 bytes
 * @param scale pgbench's scale factor, 16 MB of data each
 * @param pgbenchThreads pgbench's {@code -j}, at most
 * @param poolSize server connections of each pooler
 * @param strace whether system calls are counted in a separate round
 */
record Plan(
        List<CandidateKind> candidates,
        List<Scenario> scenarios,
        List<Protocol> protocols,
        List<Integer> clients,
        int rounds,
        int seconds,
        int warmUpSeconds,
        int idleClients,
        int streamMegabytes,
        int scale,
        int pgbenchThreads,
        int poolSize,
        boolean strace) {
    /** Workers of the connect scenario. */
    static final List<Integer> CONNECT_WORKERS = List.of(1, 8);

    Plan {
        candidates = List.copyOf(candidates);
        scenarios = List.copyOf(scenarios);
        protocols = List.copyOf(protocols);
        clients = List.copyOf(clients);
    }

    /** Every load of a round, in the order of the report. */
    List<Load> loads() {
        List<Load> loads = new ArrayList<>();
        for (Scenario scenario : List.of(Scenario.SELECT, Scenario.TPCB)) {
            if (scenarios.contains(scenario)) {
                for (Protocol protocol : protocols) {
                    for (int count : clients) {
                        loads.add(new Load.Pgbench(scenario, protocol, count));
                    }
                }
            }
        }
        if (scenarios.contains(Scenario.CONNECT)) {
            for (boolean session : new boolean[] {false, true}) {
                CONNECT_WORKERS.forEach(workers -> loads.add(new Load.Connects(workers, session)));
            }
        }
        return loads;
    }

    /** Roughly how long the rounds take, without set-up; an upper bound, since some loads are skipped. */
    Duration estimate() {
        long loadSeconds = (long) loads().size() * candidates.size() * rounds * (seconds + 2L);
        long straceSeconds = strace ? (long) loads().size() * candidates.size() * 6 : 0;
        long idleSeconds = scenarios.contains(Scenario.IDLE) ? candidates.size() * 20L : 0;
        long streamSeconds = scenarios.contains(Scenario.STREAM)
                ? (long) candidates.size() * rounds * (1 + streamMegabytes / 400)
                : 0;
        return Duration.ofSeconds(loadSeconds + straceSeconds + idleSeconds + streamSeconds + warmUpSeconds);
    }

    /** The candidates in the order of one round: the first moves on by one each round, so that none is always first. */
    List<CandidateKind> order(int round) {
        List<CandidateKind> order = new ArrayList<>(candidates);
        Collections.rotate(order, -round);
        return order;
    }
}
