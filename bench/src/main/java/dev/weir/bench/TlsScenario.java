package dev.weir.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLSession;

/** Clients that come by TLS: new connections, large results, idle clients. Weir with BoringSSL and with the JDK's TLS. */
final class TlsScenario implements Scenario {
    private static final List<Load> LOADS = List.of(
            new Load.Connects(1, false, Load.Encryption.TLS),
            new Load.Connects(8, false, Load.Encryption.TLS),
            new Load.Connects(8, false, Load.Encryption.TLS_RESUMED));
    private static final List<Transfer> TRANSFERS = List.of(Transfer.ROWS_1KB, Transfer.COPY_OUT);
    private static final int PROBES = 4;

    private final Map<CandidateKind, String> agreed = new LinkedHashMap<>();
    private final Samples<Load, Sample> connects = new Samples<>();
    private final Samples<Transfer, TransferRun.Sample> transfers = new Samples<>();
    private final Map<CandidateKind, IdleRun.Sample> idle = new EnumMap<>(CandidateKind.class);

    @Override
    public String name() {
        return "tls";
    }

    /** All poolers, and beside Weir as it is by default the one with the other provider. */
    static List<CandidateKind> kinds(Plan plan) {
        List<CandidateKind> kinds = new ArrayList<>(CandidateKind.withoutPlain(plan.candidates()));
        kinds.remove(CandidateKind.DIRECT);
        if (kinds.contains(CandidateKind.WEIR)) {
            kinds.add(CandidateKind.WEIR_JDK_TLS);
        }
        return kinds.stream().distinct().sorted().toList();
    }

    @Override
    public long estimateSeconds(Plan plan) {
        int candidates = kinds(plan).size();
        return plan.secondsOf(LOADS.size() * candidates)
                + 2L * plan.warmUpSeconds()
                + TransferRounds.estimateSeconds(plan, TRANSFERS.size(), candidates)
                + candidates * (5L + plan.idleClients() / 300);
    }

    @Override
    public int steps(Plan plan) {
        return LoadRounds.steps(plan.rounds(), LOADS.size(), 1, kinds(plan).size())
                + TransferRounds.steps(plan, TRANSFERS.size(), kinds(plan).size())
                + 2 * kinds(plan).size();
    }

    @Override
    public void run(Bench bench) throws BenchFailure, IOException, InterruptedException {
        Plan plan = bench.plan();
        TlsFiles files = files(bench.tools().user(), bench.children());
        Setup setup = new Setup(bench.postgres().port(), plan.poolSize(), Optional.of(files));
        List<CandidateKind> kinds = kinds(plan);
        try (Lineup lineup = new Lineup(bench.poolers(), setup)) {
            for (CandidateKind kind : kinds) {
                bench.attempt(name() + ", what is agreed upon", kind, () -> {
                    agreed.put(kind, probe(lineup.get(kind), bench.postgres().account(), files));
                    return agreed.get(kind);
                });
            }
            LoadRounds rounds = new LoadRounds(bench, lineup, kinds, name());
            rounds.warmUp(LOADS.get(1), plan.warmUpSeconds());
            rounds.run(LOADS, connects);
            new TransferRounds(bench, lineup, kinds, name(), setup.connector()).run(TRANSFERS, transfers);
        }
        IdleScenario.run(bench, name() + ", idle", kinds, setup, idle);
    }

    private static TlsFiles files(ServerUser user, Children children)
            throws BenchFailure, IOException, InterruptedException {
        TlsFiles files = TlsFiles.create(user.makeFolder(children.folder().resolve("tls")), children);
        user.give(files.certificate());
        user.give(files.key());
        return files;
    }

    /** The version, the cipher, and whether sessions are resumed. */
    private static String probe(Candidate candidate, Account account, TlsFiles files) throws IOException, BenchFailure {
        ClientTls tls = new ClientTls(files, true);
        Scram scram = new Scram(account.password());
        ByteBuffer buffer = PostgresConnection.newBuffer();
        for (int i = 0; i < PROBES; i++) {
            PostgresConnection.open(candidate.port(), account, scram, buffer, tls)
                    .close();
        }
        String resumption = tls.fullHandshakes() < PROBES ? "resumes sessions" : "resumes no sessions";
        try (TlsChannel channel = tls.connect(candidate.port())) {
            SSLSession session = channel.session();
            return session.getProtocol() + ", " + session.getCipherSuite() + ", " + resumption;
        }
    }

    @Override
    public List<Section> sections(Plan plan) {
        List<Section> sections = new ArrayList<>();
        List<CandidateKind> kinds = kinds(plan);
        List<Load> loads = LOADS.stream().filter(connects::has).toList();
        if (!loads.isEmpty()) {
            sections.add(Section.of(
                    "Connect by TLS",
                    "Connect, TLS, log in by SCRAM, `select 1`, close; the certificate's key is on P-256. \"Resuming\": each"
                            + " worker offers the session of its connection before.\n\n" + agreements()
                            + new LoadTable(connects, kinds).render(loads, "connections/s", "connection")));
        }
        if (!transfers.isEmpty()) {
            sections.add(Section.of(
                    "Stream by TLS",
                    "One client that came by TLS reads " + plan.streamMegabytes() + " MB, rows of 1 kB.\n\n"
                            + new TransferTable(transfers, kinds).render(TRANSFERS)));
        }
        if (!idle.isEmpty()) {
            sections.add(Section.of(
                    "Idle clients by TLS", "As \"Idle clients\", by TLS.\n\n" + new IdleTable(idle).render()));
        }
        return sections;
    }

    private String agreements() {
        StringBuilder text = new StringBuilder();
        agreed.forEach((kind, what) ->
                text.append("- ").append(kind.title()).append(": ").append(what).append('\n'));
        return text.append('\n').toString();
    }
}
