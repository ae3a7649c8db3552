package dev.weir.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.bench.plot.LinePlot;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final Load LOAD = new Load.Pgbench(Script.SELECT, Protocol.SIMPLE, 8);

    private final Samples<Load, Sample> samples = new Samples<>();

    @Test
    void setsCandidatesSideBySideByMedians() {
        for (double rate : List.of(900.0, 1000.0, 5000.0)) {
            samples.add(LOAD, CandidateKind.DIRECT, new Sample(rate, 100, 900, Double.NaN, 30));
        }
        for (double rate : List.of(400.0, 500.0, 600.0)) {
            samples.add(LOAD, CandidateKind.PGBOUNCER, new Sample(rate, 200, 1800, 20, 30));
        }
        for (double rate : List.of(750.0, 10.0, 800.0)) {
            samples.add(LOAD, CandidateKind.WEIR, new Sample(rate, 150, 900, 15, 30));
        }
        assertThat(cells(row(report(), "Weir")))
                .containsExactly(
                        "simple", "8", "Weir", "750", "10-800", "0.15", "0.90", "15.0", "30.0", "0.75", "1.50", "0.50",
                        "0.75");
        assertThat(cells(row(report(), "direct"))).contains("–", "2.00").containsSequence("1,000", "900-5,000");
    }

    @Test
    void ratiosToWhatIsMissingAreDashes() {
        samples.add(LOAD, CandidateKind.WEIR, new Sample(750, 150, 900, 15, 30));
        assertThat(cells(row(report(), "Weir"))).endsWith("–", "–", "–", "–");
    }

    @Test
    void preparedIsComparedWithExtendedOfAPgBouncerThatCannotDoIt() {
        Load extended = new Load.Pgbench(Script.SELECT, Protocol.EXTENDED, 8);
        Load prepared = new Load.Pgbench(Script.SELECT, Protocol.PREPARED, 8);
        Load others = new Load.Pgbench(Script.SELECT, Protocol.PREPARED, 9);
        samples.add(extended, CandidateKind.PGBOUNCER, new Sample(500, 200, 1800, 20, 30));
        samples.add(prepared, CandidateKind.WEIR, new Sample(750, 150, 900, 15, 30));
        samples.add(others, CandidateKind.WEIR, new Sample(750, 150, 900, 15, 30));
        LoadTable table = new LoadTable(samples, PlanTest.THREE);
        String report = table.render(List.of(extended, prepared), "tps", "transaction");
        assertThat(report).contains("keeps no prepared statements in transaction mode");
        assertThat(cells(row(report, "Weir"))).endsWith("–", "1.50 (ext.)", "0.50 (ext.)", "0.75 (ext.)");
        assertThat(cells(row(report, "PgBouncer"))).endsWith("1.00", "1.00", "1.00");
        assertThat(table.render(List.of(extended), "tps", "transaction")).doesNotContain("ext.");
        assertThat(table.render(List.of(others), "tps", "transaction")).doesNotContain("ext.");

        samples.add(prepared, CandidateKind.PGBOUNCER, new Sample(600, 200, 1800, 20, 30));
        assertThat(cells(row(table.render(List.of(prepared), "tps", "transaction"), "Weir")))
                .endsWith("1.25", "0.50", "0.75");
    }

    @Test
    void aRateThatWasNotReachedIsCalledSo() {
        Load offered = new Load.Pgbench(Script.SELECT, Protocol.SIMPLE, 8, OptionalInt.of(1000));
        samples.add(offered, CandidateKind.PGBOUNCER, new Sample(985, 200, 1800, 20, 30));
        samples.add(offered, CandidateKind.WEIR, new Sample(950, 150, 90_000, 15, 30));
        String report = new LoadTable(samples, PlanTest.THREE).render(List.of(offered), "tps", "transaction");
        assertThat(cells(row(report, "Weir"))).contains("950 (not reached)", "90.00");
        assertThat(cells(row(report, "PgBouncer"))).contains("985");
    }

    @Test
    void theRateOfferedIsAShareOfWhatTheSlowestDoes() {
        RateScenario scenario = new RateScenario();
        samples.add(new Load.Pgbench(Script.SELECT, Protocol.SIMPLE, 64), CandidateKind.DIRECT, sampleOf(3000));
        samples.add(new Load.Pgbench(Script.SELECT, Protocol.SIMPLE, 64), CandidateKind.PGBOUNCER, sampleOf(1000));
        samples.add(new Load.Pgbench(Script.SELECT, Protocol.SIMPLE, 64), CandidateKind.WEIR, sampleOf(2000));
        scenario.offer(samples, PlanTest.plan());
        assertThat(scenario.offered()).containsValues("simple, 500/s (50 %)", "simple, 800/s (80 %)");
        assertThat(scenario.offered().keySet())
                .extracting(load -> ((Load.Pgbench) load).rate())
                .containsExactly(OptionalInt.of(500), OptionalInt.of(800)); // nothing is known of extended
    }

    private static Sample sampleOf(double rate) {
        return new Sample(rate, 150, 900, 15, 30);
    }

    @Test
    void saysWhatIsLeftOutAndWhatFailedOnce() {
        Findings findings = new Findings();
        findings.skip("No prepared statements.");
        findings.skip("No prepared statements.");
        findings.fail("round 1: closed");
        assertThat(new Report(Map.of("Date", "today"), List.of(), findings).render())
                .contains("- Date: today")
                .containsOnlyOnce("- No prepared statements.")
                .contains("## Left out")
                .contains("## Failed\n\n- round 1: closed");
    }

    @Test
    void linksPlotsOnlyInAFile() {
        samples.add(LOAD, CandidateKind.WEIR, new Sample(750, 150, 900, 15, 30));
        List<LinePlot> plots = new LoadPlots("select", "Select-only", samples, PlanTest.plan()).plots(Script.SELECT);
        Report report = new Report(Map.of(), List.of(new Section("Select-only", "| table |\n", plots)), new Findings());
        assertThat(report.render()).contains("| table |").doesNotContain("![");
        assertThat(report.renderWithPlots(plot -> "report-" + plot.name() + ".svg"))
                .contains("| table |\n\n![Select-only: transactions per second](report-select-tps.svg)\n")
                .contains("report-select-cpu.svg", "report-select-p99.svg");
    }

    @Test
    void idleClientsAreDividedByTheirNumber() {
        IdleScenario idle = new IdleScenario();
        idle.add(CandidateKind.PGBOUNCER, new IdleRun.Sample(1000, 0, 2_000_000, 2_000_000, 2_000_000, Double.NaN));
        idle.add(CandidateKind.WEIR, new IdleRun.Sample(1000, 0, 3_000_000, 1_000_000, 2_500_000, 1_200_000));
        String text = idle.sections(PlanTest.plan()).getFirst().text();
        assertThat(cells(row(text, "Weir")))
                .containsSequence("1,000", "3,000", "1,500", "1,200")
                .endsWith("1.50");
    }

    @Test
    void tablesArePaddedAndEscaped() {
        String table = new MarkdownTable(1, "name", "n")
                .row(List.of("a|b", "1"))
                .row(List.of("longer", "1,234"))
                .render();
        assertThat(table).isEqualTo("""
                | name   |     n |
                | ------ | ----: |
                | a\\|b   |     1 |
                | longer | 1,234 |
                """);
        assertThatThrownBy(() -> new MarkdownTable(1, "name", "n").row(List.of("a")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private String report() {
        return new LoadTable(samples, PlanTest.THREE).render(List.of(LOAD), "tps", "transaction");
    }

    private static String row(String report, String candidate) {
        return report.lines()
                .filter(line -> line.startsWith("|") && cells(line).contains(candidate))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> cells(String line) {
        return List.of(line.substring(1, line.length() - 1).split("\\|", -1)).stream()
                .map(String::strip)
                .toList();
    }
}
