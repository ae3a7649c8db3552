package dev.weir.bench;

import dev.weir.bench.plot.LinePlot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code ./weir bench}. Exit status: 0 when everything was measured, 1 when a measurement failed, 2 when an option is wrong, or
 * what is needed is missing or does not start; 130 or 143 when it was ended by a signal.
 */
@Command(
        name = "weir bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures direct Postgres, PgBouncer and Weir side by side and prints a table.")
public final class BenchMain implements Callable<Integer> {
    private static final int WRONG_USE = 2;
    /** Enough for a cluster of scale 10, its log of transactions and the logs of pgbench. */
    private static final long MEMORY_FOLDER_BYTES = 3L << 30;

    private static final Path MEMORY_FOLDER = Path.of("/dev/shm");

    @Option(
            names = "--quick",
            description = "A few minutes instead of two hours; the other options' defaults become smaller.")
    private boolean quick;

    @Option(
            names = "--candidates",
            split = ",",
            converter = KindConverter.class,
            description =
                    "direct, pgbouncer, weir, weir-plain (without shared pipelining), weir-epoll, weir-io-uring,"
                            + " weir-nio, weir-jdk-tls. Default: the first four, those that are there; --quick: the first three.")
    private @Nullable List<CandidateKind> candidates;

    @Option(
            names = "--scenarios",
            split = ",",
            description =
                    "select, tpcb, connect, stream, rows, copy, tls, syscalls, delay, rate, tenants, start, idle. Default: all.")
    private @Nullable List<String> scenarios;

    @Option(
            names = "--protocols",
            split = ",",
            description = "simple, extended, prepared. Default: all; --quick: simple, extended.")
    private @Nullable List<Protocol> protocols;

    @Option(
            names = "--clients",
            split = ",",
            description =
                    "pgbench's clients. Default: 1,8,32,64,128,256 for select, 32,128 for tpcb; --quick: 64, and 32.")
    private @Nullable List<Integer> clients;

    @Option(names = "--rounds", description = "How often everything is repeated. Default: 5; --quick: 3.")
    private @Nullable Integer rounds;

    @Option(names = "--seconds", description = "Measured seconds of one load. Default: 8; --quick: 2.")
    private @Nullable Integer seconds;

    @Option(
            names = "--warm-up-seconds",
            description = "How long Weir's JVM is warmed before the rounds of a scenario. Default: 15; --quick: 6.")
    private @Nullable Integer warmUpSeconds;

    @Option(
            names = "--idle-clients",
            description = "Clients of the scenario idle; fewer if ulimit -n is lower. Default: 10000; --quick: 2000.")
    private @Nullable Integer idleClients;

    @Option(names = "--tenants", description = "Tenants of the scenario tenants. Default: 10000; --quick: 2000.")
    private @Nullable Integer tenants;

    @Option(names = "--stream-megabytes", description = "Size of the streamed result. Default: 1000; --quick: 300.")
    private @Nullable Integer streamMegabytes;

    @Option(names = "--scale", defaultValue = "10", description = "pgbench's scale factor. Default: ${DEFAULT-VALUE}.")
    private int scale;

    @Option(
            names = "--pgbench-threads",
            defaultValue = "2",
            description = "pgbench's -j, at most as many as clients. Default: ${DEFAULT-VALUE}.")
    private int pgbenchThreads;

    @Option(
            names = "--pool-size",
            defaultValue = "20",
            description = "Server connections of each pooler. Default: ${DEFAULT-VALUE}.")
    private int poolSize;

    @Option(
            names = "--weir",
            defaultValue = Weir.DEFAULT_COMMAND,
            description =
                    "What starts Weir; {config} stands for the generated weir.toml. Default: ${DEFAULT-VALUE}, in the"
                            + " nearest folder upwards that has ./weir.")
    private String weirCommand = Weir.DEFAULT_COMMAND;

    @Option(names = "--out", description = "Write the report to this file too, and its plots beside it.")
    private @Nullable Path out;

    @Option(names = "--keep", description = "Keep the temporary folder with configurations and logs.")
    private boolean keep;

    @Spec
    private @Nullable CommandSpec spec;

    /** @param arguments see {@code --help} */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new BenchMain()).setCaseInsensitiveEnumValuesAllowed(true);
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            return prepareAndMeasure();
        } catch (BenchFailure e) {
            System.err.println(e.getMessage());
            return WRONG_USE;
        } catch (IOException e) {
            System.err.println("Input or output failed: " + e);
            return WRONG_USE;
        }
    }

    private int prepareAndMeasure() throws BenchFailure, IOException, InterruptedException {
        List<Scenario> chosen = scenarios == null ? Scenarios.all() : Scenarios.named(scenarios);
        Programs programs = new Programs();
        Path postgresFolder = programs.postgresFolder();
        ServerUser user = ServerUser.choose(programs);
        Optional<Weir> weir = weir();
        try (Children children = new Children(temporaryParent(), keep)) {
            try {
                Optional<Path> program = programs.find("pgbouncer");
                Optional<PgBouncer> pgbouncer =
                        program.isPresent() ? Optional.of(PgBouncer.of(program.get(), children)) : Optional.empty();
                return measure(
                        chosen,
                        plan(candidates(weir.isPresent(), pgbouncer.isPresent())),
                        new Tools(programs, user, pgbouncer, weir, programs.jcmd()),
                        postgresFolder,
                        children);
            } catch (BenchFailure | IOException | InterruptedException e) {
                if (!children.isEnding()) {
                    throw e;
                }
                // Ctrl-C: it only says that the children have been ended. The JVM ends with the signal's status.
                return CommandLine.ExitCode.SOFTWARE;
            }
        }
    }

    private int measure(List<Scenario> chosen, Plan plan, Tools tools, Path postgresFolder, Children children)
            throws BenchFailure, IOException, InterruptedException {
        System.err.println("This takes about " + (plan.estimate(chosen).toMinutes() + 1) + " minutes.");
        String ticks = children.run("getconf", 10, new ProcessBuilder("getconf", "CLK_TCK"));
        PostgresServer postgres =
                PostgresServer.start(postgresFolder, tools.user(), children, Account.BENCH, plan.scale());
        Map<String, String> facts = facts(postgres, tools.pgbouncer(), plan);
        try (Bench bench = new Bench(plan, tools, children, postgres, new Proc(Long.parseLong(ticks.strip())))) {
            bench.run(chosen);
            bench.weirJvm().ifPresent(version -> facts.put("Weir's JDK", version));
            List<Section> sections = chosen.stream()
                    .flatMap(scenario -> scenario.sections(plan).stream())
                    .toList();
            publish(new Report(facts, sections, bench.findings()), sections);
            return bench.findings().failures().isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        }
    }

    /** Empty when {@code --weir} is not given and there is no {@code ./weir}. */
    private Optional<Weir> weir() throws BenchFailure {
        Path here = Path.of("").toAbsolutePath();
        Optional<Path> root = Weir.findRoot(here);
        return weirCommand.equals(Weir.DEFAULT_COMMAND) && root.isEmpty()
                ? Optional.empty()
                : Optional.of(Weir.of(weirCommand, root.orElse(here)));
    }

    private List<CandidateKind> candidates(boolean weirThere, boolean pgbouncerThere) throws BenchFailure {
        if (candidates == null) {
            List<CandidateKind> found = new ArrayList<>(List.of(CandidateKind.DIRECT));
            if (pgbouncerThere) {
                found.add(CandidateKind.PGBOUNCER);
            } else {
                System.err.println("PgBouncer is not installed and left out (apt-get install pgbouncer).");
            }
            if (weirThere) {
                found.add(CandidateKind.WEIR);
                if (!quick) {
                    found.add(CandidateKind.WEIR_PLAIN);
                }
            } else {
                System.err.println("There is no ./weir here or above; Weir is left out. See --weir.");
            }
            return found;
        }
        if (candidates.contains(CandidateKind.PGBOUNCER) && !pgbouncerThere) {
            throw new BenchFailure(
                    "PgBouncer is not installed: apt-get install pgbouncer, or leave it out of --candidates.");
        }
        if (candidates.stream().anyMatch(CandidateKind::isWeir) && !weirThere) {
            throw new BenchFailure("There is no ./weir here or above: give --weir, or leave weir out of --candidates.");
        }
        return candidates.stream().distinct().sorted().toList();
    }

    private Plan plan(List<CandidateKind> chosen) {
        List<Protocol> usual = quick ? List.of(Protocol.SIMPLE, Protocol.EXTENDED) : List.of(Protocol.values());
        Plan plan = new Plan(
                chosen,
                protocols == null
                        ? usual
                        : protocols.stream().distinct().sorted().toList(),
                or(clients, quick ? List.of(64) : List.of(1, 8, 32, 64, 128, 256)),
                or(clients, quick ? List.of(32) : List.of(32, 128)),
                or(rounds, quick ? 3 : 5),
                or(seconds, quick ? 2 : 8),
                or(warmUpSeconds, quick ? 6 : 15),
                or(idleClients, quick ? 2_000 : 10_000),
                or(tenants, quick ? 2_000 : 10_000),
                or(streamMegabytes, quick ? 300 : 1000),
                scale,
                pgbenchThreads,
                poolSize);
        require(
                plan.selectClients().stream().allMatch(n -> n >= 1 && n <= PostgresServer.MAX_CONNECTIONS / 2),
                "--clients",
                "must be from 1 to " + PostgresServer.MAX_CONNECTIONS / 2);
        require(plan.rounds() >= 1, "--rounds", "must be at least 1");
        require(plan.seconds() >= 1, "--seconds", "must be at least 1");
        require(plan.warmUpSeconds() >= 1, "--warm-up-seconds", "must be at least 1");
        require(plan.idleClients() >= 1 && plan.idleClients() < 20_000, "--idle-clients", "must be from 1 to 19999");
        require(plan.tenants() >= 1 && plan.tenants() <= 100_000, "--tenants", "must be from 1 to 100000");
        require(plan.streamMegabytes() >= 1, "--stream-megabytes", "must be at least 1");
        require(plan.scale() >= 1, "--scale", "must be at least 1");
        require(plan.pgbenchThreads() >= 1, "--pgbench-threads", "must be at least 1");
        require(plan.poolSize() >= 1 && plan.poolSize() <= 100, "--pool-size", "must be from 1 to 100");
        return plan;
    }

    private static <T> T or(@Nullable T given, T otherwise) {
        return given == null ? otherwise : given;
    }

    private void require(boolean holds, String option, String rule) {
        if (!holds && spec != null) {
            throw new ParameterException(spec.commandLine(), option + " " + rule + ".");
        }
    }

    private Map<String, String> facts(PostgresServer postgres, Optional<PgBouncer> pgbouncer, Plan plan)
            throws IOException, BenchFailure {
        Machine machine = Machine.read();
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(
                "Date",
                DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                        ZonedDateTime.now(ZoneId.systemDefault()).withNano(0)));
        facts.put(
                "Machine",
                machine.processor() + ", " + machine.cores() + " cores, " + machine.memoryMebibytes() + " MiB, Linux "
                        + machine.kernel() + ", load average before " + machine.loadAverage());
        facts.put("Postgres", postgres.version() + ", fsync and synchronous_commit off, scale " + plan.scale());
        if (plan.candidates().contains(CandidateKind.PGBOUNCER)) {
            pgbouncer.ifPresent(found -> facts.put("PgBouncer", found.version() + ", transaction mode"));
        }
        facts.put("The benchmark's JDK", Runtime.version().toString());
        facts.put(
                "Poolers",
                plan.poolSize()
                        + " server connections each; all logins by SCRAM-SHA-256, without TLS but where it is said");
        facts.put(
                "Load",
                plan.rounds() + " rounds of " + plan.seconds() + " s, the candidates in turn, another first each"
                        + " round; pgbench -n -j " + plan.pgbenchThreads() + ", on the same machine");
        if (spec != null) {
            facts.put(
                    "Options",
                    "`" + String.join(" ", spec.commandLine().getParseResult().originalArgs()) + "`");
        }
        return facts;
    }

    private void publish(Report report, List<Section> sections) throws IOException {
        System.out.print(report.render());
        System.out.flush();
        if (out == null) {
            return;
        }
        String stem = out.getFileName().toString().replaceFirst("\\.md$", "") + "-";
        Files.writeString(out, report.renderWithPlots(plot -> stem + plot.name() + ".svg"));
        for (Section section : sections) {
            for (LinePlot plot : section.plots()) {
                Files.writeString(out.resolveSibling(stem + plot.name() + ".svg"), plot.svg());
            }
        }
    }

    /** As they are named on the command line. */
    static final class KindConverter implements ITypeConverter<CandidateKind> {
        @Override
        public CandidateKind convert(String value) {
            return CandidateKind.of(value)
                    .orElseThrow(() -> new TypeConversionException("there is no candidate " + value));
        }
    }

    private static Path temporaryParent() throws IOException {
        boolean inMemory = Files.isWritable(MEMORY_FOLDER)
                && Files.getFileStore(MEMORY_FOLDER).getUsableSpace() > MEMORY_FOLDER_BYTES;
        return inMemory ? MEMORY_FOLDER : Path.of(System.getProperty("java.io.tmpdir"));
    }
}
