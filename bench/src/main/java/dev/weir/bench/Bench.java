package dev.weir.bench;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** One run: what its scenarios work with. */
final class Bench implements AutoCloseable {
    private final Plan plan;
    private final Tools tools;
    private final Children children;
    private final PostgresServer postgres;
    private final Proc proc;
    private final PgbenchRun pgbench;
    private final Poolers poolers;
    private final Lineup lineup;
    private final Findings findings = new Findings();
    private Progress progress = new Progress(0);

    Bench(Plan plan, Tools tools, Children children, PostgresServer postgres, Proc proc) {
        this.plan = plan;
        this.tools = tools;
        this.children = children;
        this.postgres = postgres;
        this.proc = proc;
        this.pgbench = new PgbenchRun(postgres, children, proc, plan.pgbenchThreads());
        this.poolers = new Poolers(tools, postgres, children);
        this.lineup = new Lineup(poolers, new Setup(postgres.port(), plan.poolSize()));
    }

    Plan plan() {
        return plan;
    }

    Tools tools() {
        return tools;
    }

    Children children() {
        return children;
    }

    PostgresServer postgres() {
        return postgres;
    }

    Proc proc() {
        return proc;
    }

    PgbenchRun pgbench() {
        return pgbench;
    }

    Poolers poolers() {
        return poolers;
    }

    /** The candidates with the plan's pool size, which the scenarios have in common. */
    Lineup lineup() {
        return lineup;
    }

    Findings findings() {
        return findings;
    }

    /** Lets the scenarios run, one after the other. */
    void run(List<Scenario> scenarios) throws BenchFailure, IOException, InterruptedException {
        progress = new Progress(
                scenarios.stream().mapToInt(scenario -> scenario.steps(plan)).sum());
        for (Scenario scenario : scenarios) {
            say("== " + scenario.name());
            progress.begin(scenario.steps(plan));
            scenario.run(this);
        }
    }

    /** The JVM of a Weir that runs, for the report. */
    Optional<String> weirJvm() throws BenchFailure, InterruptedException {
        Optional<Candidate> weir = lineup.running(CandidateKind.WEIR);
        return weir.isEmpty() || tools.jcmd().isEmpty()
                ? Optional.empty()
                : Optional.of(new Jvm(tools.jcmd().get(), children)
                        .version(weir.get().poolerProcess().orElseThrow()));
    }

    /** A measurement that may fail by itself; it returns what to say of its outcome. */
    interface Attempt {
        String run() throws BenchFailure, IOException, InterruptedException;
    }

    /** Runs a measurement. If it fails, that is noted, and the rest goes on. */
    void attempt(String title, CandidateKind kind, Attempt attempt) throws InterruptedException {
        String name = progress.next() + title + ", " + kind.title();
        try {
            say(name + ": " + attempt.run());
        } catch (BenchFailure | IOException e) {
            if (children.isEnding()) {
                // Ctrl-C: the children are being ended, nothing can be measured any more.
                throw new InterruptedException();
            }
            say(name + " FAILED: " + e.getMessage());
            findings.fail(title + ", " + kind.title() + ": " + e.getMessage());
        }
    }

    /** A measurement is left out. */
    void skip(String reason) {
        progress.next();
        findings.skip(reason);
    }

    static void say(String line) {
        System.err.println(line);
    }

    @Override
    public void close() {
        lineup.close();
    }
}
