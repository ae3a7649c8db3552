package dev.weir.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Weir with one tenant beside Weir with many. */
final class TenantsScenario implements Scenario {
    /** Each with a server connection, in front of one tenant and of as many tenants. */
    private static final int CLIENTS = 200;

    private static final String METHOD = """
            One process has one tenant, another has many, all in front of the same database. Memory is read after full
            collections (jcmd GC.run) in processes started for this: when they have started and served one client; and again when
            some tenants have had a client and a server connection, which are gone by then. "Per tenant" is the growth over the
            process with one; "per used tenant" that over the reading before.

            """;

    private final Map<Integer, TenantMemory.Sample> memory = new LinkedHashMap<>();
    private final Samples<Integer, QueryLoop.Sample> speed = new Samples<>();

    @Override
    public String name() {
        return "tenants";
    }

    @Override
    public long estimateSeconds(Plan plan) {
        return plan.candidates().contains(CandidateKind.WEIR) ? plan.secondsOf(2) + plan.warmUpSeconds() + 90 : 0;
    }

    /** The user of a tenant, by its number. */
    static Account account(Bench bench, int tenant) {
        Account account = bench.postgres().account();
        return new Account(
                account.user() + "." + WeirConfiguration.tenantName(tenant), account.password(), account.database());
    }

    @Override
    public int steps(Plan plan) {
        return plan.candidates().contains(CandidateKind.WEIR) ? 3 : 0;
    }

    @Override
    public void run(Bench bench) throws InterruptedException {
        if (!bench.plan().candidates().contains(CandidateKind.WEIR)) {
            return;
        }
        List<Integer> counts = List.of(1, bench.plan().tenants());
        Optional<Path> jcmd = bench.tools().jcmd();
        if (jcmd.isEmpty()) {
            bench.findings().skip("Memory of tenants: there is no jcmd, which would collect garbage first.");
        } else {
            TenantMemory tenantMemory = new TenantMemory(bench, new Jvm(jcmd.get(), bench.children()));
            for (int count : counts) {
                bench.attempt(name() + ", memory of " + count, CandidateKind.WEIR, () -> {
                    TenantMemory.Sample sample = tenantMemory.measure(count);
                    memory.put(count, sample);
                    return Figures.mebibytes(sample.ready().resident()) + " MiB, heap "
                            + Figures.mebibytes(sample.ready().heap()) + " MiB";
                });
            }
        }
        bench.attempt(name(), CandidateKind.WEIR, () -> {
            compare(bench, counts);
            return "done";
        });
    }

    /** A Weir that runs, and how many tenants it has. */
    private record Running(int tenants, Started weir) {}

    private void compare(Bench bench, List<Integer> counts) throws BenchFailure, IOException, InterruptedException {
        List<Running> running = new ArrayList<>();
        try {
            for (int count : counts) {
                running.add(new Running(count, start(bench, count)));
            }
            // Round 0 is a warm-up.
            for (int round = 0; round <= bench.plan().rounds(); round++) {
                for (Running each : round % 2 == 0 ? running : running.reversed()) {
                    compareOnce(bench, round, each);
                }
            }
        } finally {
            running.forEach(each -> bench.children().stop(each.weir().process()));
        }
    }

    private void compareOnce(Bench bench, int round, Running running)
            throws BenchFailure, IOException, InterruptedException {
        Plan plan = bench.plan();
        int seconds = round == 0 ? plan.warmUpSeconds() / 2 + 1 : plan.seconds();
        QueryLoop.Sample sample = new QueryLoop(bench.postgres(), bench.proc())
                .measure(running.weir().candidate(), accounts(bench, running.tenants()), seconds);
        Bench.say(
                name() + ", round " + round + "/" + plan.rounds() + ", " + running.tenants() + ": " + sample.summary());
        if (round > 0) {
            speed.add(running.tenants(), CandidateKind.WEIR, sample);
        }
    }

    private static Started start(Bench bench, int tenants) throws BenchFailure, IOException, InterruptedException {
        PostgresServer postgres = bench.postgres();
        WeirPorts ports = WeirPorts.free();
        // As many server connections in both: what differs is only whose they are.
        Setup setup = new Setup(postgres.port(), CLIENTS);
        String configuration = WeirConfiguration.ofTenants(
                tenants, postgres.account(), postgres.verifier(), setup, Duration.ofHours(1), ports);
        return bench.poolers().startWeir(CandidateKind.WEIR, configuration, ports);
    }

    /** Spread over all tenants. */
    private static List<Account> accounts(Bench bench, int tenants) {
        return IntStream.range(0, CLIENTS)
                .mapToObj(i -> account(bench, (int) ((long) i * tenants / CLIENTS)))
                .toList();
    }

    @Override
    public List<Section> sections(Plan plan) {
        List<Section> sections = new ArrayList<>();
        TenantMemory.Sample one = memory.get(1);
        if (one != null) {
            sections.add(Section.of("Memory of tenants", METHOD + memoryTable(one)));
        }
        if (!speed.isEmpty()) {
            sections.add(Section.of(
                    "Many tenants at work",
                    CLIENTS
                            + " clients, each with a server connection, run one select each over and over: of one tenant,"
                            + " or each of another one. One lane; medians over the rounds.\n\n" + speedTable(plan)));
        }
        return sections;
    }

    private String memoryTable(TenantMemory.Sample one) {
        MarkdownTable table = new MarkdownTable(
                0,
                "tenants",
                "MiB",
                "of it heap",
                "bytes per tenant",
                "of it heap",
                "used",
                "MiB then",
                "of it heap",
                "bytes per used tenant",
                "of it heap");
        memory.forEach((count, sample) -> {
            TenantMemory.Reading each = sample.ready().less(one.ready(), Math.max(1, count - 1));
            TenantMemory.Reading eachUsed = sample.later().less(sample.ready(), sample.used());
            boolean many = count > 1;
            table.row(List.of(
                    Figures.whole(count),
                    Figures.mebibytes(sample.ready().resident()),
                    Figures.mebibytes(sample.ready().heap()),
                    Figures.whole(many ? each.resident() : Double.NaN),
                    Figures.whole(many ? each.heap() : Double.NaN),
                    Figures.whole(sample.used()),
                    Figures.mebibytes(sample.later().resident()),
                    Figures.mebibytes(sample.later().heap()),
                    Figures.whole(many ? eachUsed.resident() : Double.NaN),
                    Figures.whole(many ? eachUsed.heap() : Double.NaN)));
        });
        return table.render();
    }

    private String speedTable(Plan plan) {
        MarkdownTable table = new MarkdownTable(
                0, "tenants", "tps", "least-most", "pooler CPU µs", "Postgres CPU µs", "CPU / one tenant");
        List<QueryLoop.Sample> one = speed.of(1, CandidateKind.WEIR);
        for (int count : List.of(1, plan.tenants())) {
            List<QueryLoop.Sample> these = speed.of(count, CandidateKind.WEIR);
            table.row(List.of(
                    Figures.whole(count),
                    Figures.whole(Medians.median(these, QueryLoop.Sample::perSecond)),
                    LoadTable.spread(these, QueryLoop.Sample::perSecond),
                    Figures.oneDecimal(Medians.median(these, QueryLoop.Sample::poolerCpu)),
                    Figures.oneDecimal(Medians.median(these, QueryLoop.Sample::postgresCpu)),
                    LoadTable.ratio(these, one, QueryLoop.Sample::poolerCpu)));
        }
        return table.render();
    }
}
