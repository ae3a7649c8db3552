package dev.weir.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PlanTest {
    static final List<CandidateKind> THREE = List.of(CandidateKind.DIRECT, CandidateKind.PGBOUNCER, CandidateKind.WEIR);

    static Plan plan() {
        return new Plan(
                THREE,
                List.of(Protocol.SIMPLE, Protocol.EXTENDED),
                List.of(8, 64),
                List.of(32),
                3,
                2,
                15,
                10_000,
                10_000,
                300,
                10,
                2,
                20);
    }

    @Test
    void everyCandidateIsFirstInTurn() {
        assertThat(Plan.order(THREE, 0))
                .containsExactly(CandidateKind.DIRECT, CandidateKind.PGBOUNCER, CandidateKind.WEIR);
        assertThat(Plan.order(THREE, 1))
                .containsExactly(CandidateKind.PGBOUNCER, CandidateKind.WEIR, CandidateKind.DIRECT);
        assertThat(Plan.order(THREE, 2))
                .containsExactly(CandidateKind.WEIR, CandidateKind.DIRECT, CandidateKind.PGBOUNCER);
        assertThat(Plan.order(THREE, 3)).isEqualTo(Plan.order(THREE, 0));
    }

    @Test
    void candidatesAreFoundByTheirOption() {
        for (CandidateKind kind : CandidateKind.values()) {
            assertThat(CandidateKind.of(kind.option())).contains(kind);
        }
        assertThat(CandidateKind.of("Weir-IO-uring")).contains(CandidateKind.WEIR_IO_URING);
        assertThat(CandidateKind.of("odyssey")).isEmpty();
    }

    @Test
    void plainIsLeftOutWhereItIsTheSame() {
        assertThat(CandidateKind.withoutPlain(List.of(CandidateKind.WEIR, CandidateKind.WEIR_PLAIN)))
                .containsExactly(CandidateKind.WEIR);
        assertThat(CandidateKind.withoutPlain(List.of(CandidateKind.PGBOUNCER, CandidateKind.WEIR_PLAIN)))
                .containsExactly(CandidateKind.PGBOUNCER, CandidateKind.WEIR_PLAIN);
    }

    @Test
    void scenariosRunInTheirOrderWhateverTheOptionsIs() throws BenchFailure {
        assertThat(Scenarios.named(List.of("idle", "select")))
                .extracting(Scenario::name)
                .containsExactly("select", "idle");
        assertThat(Scenarios.all()).extracting(Scenario::name).doesNotHaveDuplicates();
        assertThatThrownBy(() -> Scenarios.named(List.of("selekt"))).hasMessageContaining("select, tpcb");
    }

    @Test
    void helpNamesEveryScenarioAndCandidate() {
        String help = BenchMain.commandLine().getUsageMessage().replaceAll("\\s+", " ");
        for (Scenario scenario : Scenarios.all()) {
            assertThat(help).containsPattern("[ ,]" + scenario.name() + "[,.]");
        }
        for (CandidateKind kind : CandidateKind.values()) {
            assertThat(help).containsPattern("[ ,]" + kind.option() + "[,. ]");
        }
    }

    @Test
    void documentHasEveryScenarioAndCandidate() throws IOException {
        String document = Files.readString(Path.of("../docs/benchmarks/README.md"));
        assertThat(document.lines().filter(line -> line.startsWith("| `")).flatMap(PlanTest::names))
                .containsExactlyInAnyOrderElementsOf(Stream.concat(
                                Stream.of(CandidateKind.values()).map(CandidateKind::option),
                                Scenarios.all().stream().map(Scenario::name))
                        .toList());
    }

    /** What stands in backquotes in the first column. */
    private static Stream<String> names(String row) {
        return Pattern.compile("`([^`]+)`")
                .matcher(row.substring(0, row.indexOf('|', 1)))
                .results()
                .map(name -> name.group(1));
    }
}
