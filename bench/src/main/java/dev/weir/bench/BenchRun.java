package dev.weir.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** One run: starts what is compared, lets the rounds go by, and collects the results. */
final class BenchRun {
    /** Of the open files that a process may have: for anything but idle clients. */
    private static final int FILES_KEPT_FREE = 1000;

    private final Plan plan;
    private final Tools tools;
    private final Children children;
    private final PostgresServer postgres;
    private final Proc proc;
    private final PgbenchRun pgbench;
    private final Results results = new Results();
    private final Map<CandidateKind, Started> started = new EnumMap<>(CandidateKind.class);

    /**
     * What was found on the machine.
     *
     * @param pgbouncer present when it is a candidate
     * @param weir present when it is a candidate
     * @param strace present when the plan wants it
     */
    record Tools(
            ServerUser user,
            Optional<PgBouncer> pgbouncer,
            Optional<Weir> weir,
            Optional<Path> strace,
            Optional<Path> jcmd) {}

    BenchRun(Plan plan, Tools tools, Children children, PostgresServer postgres, Proc proc) {
        this.plan = plan;
        this.tools = tools;
        this.children = children;
        this.postgres = postgres;
        this.proc = proc;
        this.pgbench = new PgbenchRun(postgres, children, proc, plan.pgbenchThreads());
    }

    /** Measures everything. A single measurement that fails is noted in the results, and the rest goes on. */
    Results run() throws BenchFailure, IOException, InterruptedException {
        if (plan.scenarios().contains(Scenario.IDLE)) {
            measureIdle();
        }
        if (plan.scenarios().equals(List.of(Scenario.IDLE))) {
            return results;
        }
        for (CandidateKind kind : plan.candidates()) {
            if (kind != CandidateKind.DIRECT) {
                say("starting " + kind.title());
                started.put(kind, start(kind));
            }
        }
        warmUp();
        for (int round = 0; round < plan.rounds(); round++) {
            for (Load load : plan.loads()) {
                measureLoad(round, load);
            }
            if (plan.scenarios().contains(Scenario.STREAM)) {
                measureStream(round);
            }
        }
        if (tools.strace().isPresent()) {
            countSystemCalls(tools.strace().get());
        }
        return results;
    }

    /** The JVM of the Weir that runs, for the report. */
    Optional<String> weirJvm() throws BenchFailure, InterruptedException {
        Started weir = started.get(CandidateKind.WEIR);
        return weir == null || tools.jcmd().isEmpty()
                ? Optional.empty()
                : Optional.of(new Jvm(tools.jcmd().get(), children)
                        .version(weir.candidate().poolerProcess().orElseThrow()));
    }

    private Started start(CandidateKind kind) throws BenchFailure, IOException, InterruptedException {
        return switch (kind) {
            case PGBOUNCER -> tools.pgbouncer().orElseThrow().start(postgres, tools.user(), children, plan);
            case WEIR -> tools.weir().orElseThrow().start(postgres, children, plan);
            case DIRECT -> throw new IllegalArgumentException("direct Postgres runs already");
        };
    }

    private Candidate candidate(CandidateKind kind) {
        Started pooler = started.get(kind);
        return pooler == null
                ? new Candidate(
                        CandidateKind.DIRECT, postgres.port(), OptionalInt.of(postgres.port()), OptionalLong.empty())
                : pooler.candidate();
    }

    /** Long for a JVM, which compiles while it runs; short for the others. */
    private void warmUp() throws IOException, InterruptedException {
        for (CandidateKind kind : plan.candidates()) {
            int seconds = kind == CandidateKind.WEIR ? plan.warmUpSeconds() : 1;
            if (!plan.loads().isEmpty()) {
                warmUp(kind, new Load.Pgbench(Scenario.SELECT, Protocol.SIMPLE, 32), seconds);
                warmUp(kind, new Load.Pgbench(Scenario.SELECT, Protocol.EXTENDED, 32), Math.max(1, seconds / 3));
                warmUp(kind, new Load.Pgbench(Scenario.TPCB, Protocol.SIMPLE, 32), Math.max(1, seconds / 3));
            }
            if (plan.scenarios().contains(Scenario.CONNECT)) {
                warmUp(kind, new Load.Connects(8, false), Math.max(1, seconds / 5));
            }
            if (plan.scenarios().contains(Scenario.STREAM)) {
                attempt("warm-up, stream", kind, () -> stream(kind));
            }
        }
    }

    private void warmUp(CandidateKind kind, Load load, int seconds) throws IOException, InterruptedException {
        attempt("warm-up, " + load.title(), kind, () -> measureOnce(load, candidate(kind), seconds));
    }

    private void measureLoad(int round, Load load) throws IOException, InterruptedException {
        for (CandidateKind kind : plan.order(round)) {
            Optional<String> refusal = refusal(kind, load);
            if (refusal.isPresent()) {
                results.skip(refusal.get());
                continue;
            }
            attempt("round " + (round + 1) + "/" + plan.rounds() + ", " + load.title(), kind, () -> {
                Sample sample = measureOnce(load, candidate(kind), plan.seconds());
                results.add(load, kind, sample);
                return sample;
            });
        }
    }

    private Sample measureOnce(Load load, Candidate candidate, int seconds)
            throws BenchFailure, IOException, InterruptedException {
        return switch (load) {
            case Load.Pgbench script -> pgbench.measure(script, candidate, seconds);
            case Load.Connects connects -> new ConnectRun(postgres, proc).measure(connects, candidate, seconds);
        };
    }

    private void measureStream(int round) throws IOException, InterruptedException {
        for (CandidateKind kind : plan.order(round)) {
            attempt("round " + (round + 1) + "/" + plan.rounds() + ", stream", kind, () -> {
                StreamRun.Sample sample = stream(kind);
                results.addStream(kind, sample);
                return sample;
            });
        }
    }

    private StreamRun.Sample stream(CandidateKind kind) throws BenchFailure, IOException {
        return new StreamRun(postgres, proc).measure(candidate(kind), plan.streamMegabytes());
    }

    private void measureIdle() throws IOException, InterruptedException {
        int clients = plan.idleClients();
        OptionalLong files = Proc.openFilesLimit();
        if (files.isPresent() && clients > files.getAsLong() - FILES_KEPT_FREE) {
            clients = (int) Math.max(1, files.getAsLong() - FILES_KEPT_FREE);
            results.skip("Only " + clients + " idle clients instead of " + plan.idleClients()
                    + ": this process may open " + files.getAsLong() + " files (ulimit -n).");
        }
        int count = clients;
        for (CandidateKind kind : plan.candidates()) {
            if (kind == CandidateKind.WEIR && tools.jcmd().isEmpty()) {
                results.skip(
                        "Idle clients of Weir: there is no jcmd, which would collect its garbage before each reading.");
                continue;
            }
            attempt("idle clients", kind, () -> {
                IdleRun idle = new IdleRun(postgres, proc, new Jvm(tools.jcmd().orElse(Path.of("jcmd")), children));
                if (kind == CandidateKind.DIRECT) {
                    IdleRun.Sample sample = idle.measure(candidate(kind), count);
                    results.addIdle(kind, sample);
                    return sample;
                }
                Started fresh = start(kind);
                try {
                    IdleRun.Sample sample = idle.measure(fresh.candidate(), count);
                    results.addIdle(kind, sample);
                    return sample;
                } finally {
                    children.stop(fresh.process());
                }
            });
        }
    }

    private void countSystemCalls(Path strace) throws IOException, InterruptedException {
        SystemCalls calls = new SystemCalls(strace, children);
        for (Load load : plan.loads()) {
            for (CandidateKind kind : plan.candidates()) {
                if (load instanceof Load.Pgbench script
                        && kind != CandidateKind.DIRECT
                        && refusal(kind, load).isEmpty()) {
                    attempt("strace, " + load.title(), kind, () -> {
                        double perTransaction = calls.perTransaction(pgbench, script, candidate(kind));
                        results.addSystemCalls(load, kind, perTransaction);
                        return Figures.oneDecimal(perTransaction) + " system calls per transaction";
                    });
                }
            }
        }
    }

    /** Why this load is not run against this candidate, if so. */
    private Optional<String> refusal(CandidateKind kind, Load load) {
        if (load instanceof Load.Connects connects && connects.session()) {
            return kind == CandidateKind.PGBOUNCER
                    ? Optional.of("Connect, session, with PgBouncer: it pools transactions here.")
                    : Optional.empty();
        }
        if (!(load instanceof Load.Pgbench script) || script.protocol() != Protocol.PREPARED) {
            return Optional.empty();
        }
        return switch (kind) {
            case DIRECT, WEIR -> Optional.empty();
            case PGBOUNCER ->
                tools.pgbouncer()
                        .filter(pgbouncer -> !pgbouncer.keepsPreparedStatements())
                        .map(pgbouncer -> "Protocol prepared with PgBouncer: version " + pgbouncer.version()
                                + " does not keep prepared statements in transaction mode, 1.21 and later do.");
        };
    }

    /** A measurement that may fail by itself. */
    private interface Attempt {
        Object run() throws BenchFailure, IOException, InterruptedException;
    }

    private void attempt(String title, CandidateKind kind, Attempt attempt) throws IOException, InterruptedException {
        String name = title + ", " + kind.title();
        try {
            say(name + ": " + summary(attempt.run()));
        } catch (BenchFailure | IOException e) {
            if (children.isEnding()) {
                // Ctrl-C: the children are being ended, nothing can be measured any more.
                throw new InterruptedException();
            }
            say(name + " FAILED: " + e.getMessage());
            results.fail(name + ": " + e.getMessage());
        }
    }

    private static String summary(Object outcome) {
        return switch (outcome) {
            case Sample sample ->
                Figures.whole(sample.perSecond()) + "/s, p50 " + Figures.millis(sample.p50()) + " ms, p99 "
                        + Figures.millis(sample.p99()) + " ms, pooler CPU "
                        + Figures.oneDecimal(sample.poolerCpu()) + " µs";
            case StreamRun.Sample sample -> Figures.whole(sample.megabytesPerSecond()) + " MB/s";
            case IdleRun.Sample sample ->
                Figures.whole(sample.clients()) + " clients, " + Figures.whole(sample.firstPerClient())
                        + " bytes each, again " + Figures.whole(sample.againPerClient());
            default -> outcome.toString();
        };
    }

    private static void say(String line) {
        System.err.println(line);
    }
}
