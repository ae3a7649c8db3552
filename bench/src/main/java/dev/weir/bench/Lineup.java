package dev.weir.bench;

import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The candidates in front of the same Postgres with pools of the same size; each is started when it is first asked for. */
final class Lineup implements AutoCloseable {
    private final Poolers poolers;
    private final Setup setup;
    private final Map<CandidateKind, Started> started = new EnumMap<>(CandidateKind.class);

    Lineup(Poolers poolers, Setup setup) {
        this.poolers = poolers;
        this.setup = setup;
    }

    Candidate get(CandidateKind kind) throws BenchFailure, IOException, InterruptedException {
        if (kind == CandidateKind.DIRECT) {
            int port = setup.postgresPort();
            return new Candidate(kind, port, OptionalInt.of(port), OptionalLong.empty());
        }
        Started pooler = started.get(kind);
        if (pooler == null) {
            Bench.say("starting " + kind.title());
            pooler = poolers.start(kind, setup);
            started.put(kind, pooler);
        }
        return pooler.candidate();
    }

    /** What its poolers have in common. */
    Setup setup() {
        return setup;
    }

    /** One that runs already. */
    Optional<Candidate> running(CandidateKind kind) {
        return Optional.ofNullable(started.get(kind)).map(Started::candidate);
    }

    @Override
    public void close() {
        started.values().forEach(pooler -> poolers.children().stop(pooler.process()));
        started.clear();
    }
}
