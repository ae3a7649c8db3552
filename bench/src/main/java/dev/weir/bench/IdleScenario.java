package dev.weir.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The memory of many logged-in clients that do nothing. */
final class IdleScenario implements Scenario {
    static final String METHOD = """
            Process memory with that many logged-in clients that do nothing, in a process started for this. Of poolers the
            resident set, of direct Postgres the proportional set of all its processes. Read four times: ready (200 clients have
            come and gone, 100 times, so that a JVM has used its young generation), with all clients, after they have left, with
            all of them again. "Bytes per client" is the growth from the first reading to the second, "again" that from the
            third to the fourth, where memory is used that the process has kept. Before each reading of Weir its JVM made a full
            collection (jcmd GC.run); "of it heap" is the growth of its used heap. Memory of the kernel's sockets is not in it.

            """;

    /** Of the open files that a process may have: for anything but idle clients. */
    private static final int FILES_KEPT_FREE = 1000;

    private final Map<CandidateKind, IdleRun.Sample> samples = new EnumMap<>(CandidateKind.class);

    @Override
    public String name() {
        return "idle";
    }

    @Override
    public long estimateSeconds(Plan plan) {
        return CandidateKind.withoutPlain(plan.candidates()).size() * 20L;
    }

    @Override
    public int steps(Plan plan) {
        return CandidateKind.withoutPlain(plan.candidates()).size();
    }

    @Override
    public void run(Bench bench) throws IOException, InterruptedException {
        run(
                bench,
                name(),
                CandidateKind.withoutPlain(bench.plan().candidates()),
                new Setup(bench.postgres().port(), bench.plan().poolSize()),
                samples);
    }

    /**
     * Measures these candidates.
     *
     * @param name of what is measured, for progress lines
     * @param setup says whether clients come by TLS
     */
    static void run(
            Bench bench,
            String name,
            List<CandidateKind> kinds,
            Setup setup,
            Map<CandidateKind, IdleRun.Sample> samples)
            throws IOException, InterruptedException {
        int count = clients(bench);
        for (CandidateKind kind : kinds) {
            if (kind.isWeir() && bench.tools().jcmd().isEmpty()) {
                bench.findings()
                        .skip("Idle clients of Weir: there is no jcmd, which would collect its garbage before each"
                                + " reading.");
                continue;
            }
            bench.attempt(name, kind, () -> {
                IdleRun.Sample sample = measure(bench, kind, setup, count);
                samples.put(kind, sample);
                return sample.summary();
            });
        }
    }

    void add(CandidateKind kind, IdleRun.Sample sample) {
        samples.put(kind, sample);
    }

    private static int clients(Bench bench) throws IOException {
        int wanted = bench.plan().idleClients();
        OptionalLong files = Proc.openFilesLimit();
        if (files.isEmpty() || wanted <= files.getAsLong() - FILES_KEPT_FREE) {
            return wanted;
        }
        int clients = (int) Math.max(1, files.getAsLong() - FILES_KEPT_FREE);
        bench.findings()
                .skip("Only " + clients + " idle clients instead of " + wanted + ": this process may open "
                        + files.getAsLong() + " files (ulimit -n).");
        return clients;
    }

    private static IdleRun.Sample measure(Bench bench, CandidateKind kind, Setup setup, int count)
            throws BenchFailure, IOException, InterruptedException {
        Jvm jvm = new Jvm(bench.tools().jcmd().orElse(Path.of("jcmd")), bench.children());
        IdleRun idle = new IdleRun(bench.postgres(), bench.proc(), jvm, setup.tls());
        if (kind == CandidateKind.DIRECT) {
            return idle.measure(bench.lineup().get(kind), count);
        }
        Started fresh = bench.poolers().start(kind, setup);
        try {
            return idle.measure(fresh.candidate(), count);
        } finally {
            bench.children().stop(fresh.process());
        }
    }

    @Override
    public List<Section> sections(Plan plan) {
        if (samples.isEmpty()) {
            return List.of();
        }
        return List.of(Section.of("Idle clients", METHOD + new IdleTable(samples).render()));
    }
}
