package dev.weir.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PlanTest {
    static Plan plan(List<Scenario> scenarios, List<Integer> clients) {
        return new Plan(
                List.of(CandidateKind.values()),
                scenarios,
                List.of(Protocol.SIMPLE, Protocol.EXTENDED),
                clients,
                3,
                2,
                15,
                10_000,
                300,
                10,
                2,
                20,
                false);
    }

    @Test
    void everyCandidateIsFirstInTurn() {
        Plan plan = plan(List.of(Scenario.SELECT), List.of(1));
        assertThat(plan.order(0)).containsExactly(CandidateKind.DIRECT, CandidateKind.PGBOUNCER, CandidateKind.WEIR);
        assertThat(plan.order(1)).containsExactly(CandidateKind.PGBOUNCER, CandidateKind.WEIR, CandidateKind.DIRECT);
        assertThat(plan.order(2)).containsExactly(CandidateKind.WEIR, CandidateKind.DIRECT, CandidateKind.PGBOUNCER);
        assertThat(plan.order(3)).isEqualTo(plan.order(0));
    }

    @Test
    void loadsAreThoseOfTheScenariosChosen() {
        assertThat(plan(List.of(Scenario.TPCB, Scenario.IDLE), List.of(1, 8)).loads())
                .containsExactly(
                        new Load.Pgbench(Scenario.TPCB, Protocol.SIMPLE, 1),
                        new Load.Pgbench(Scenario.TPCB, Protocol.SIMPLE, 8),
                        new Load.Pgbench(Scenario.TPCB, Protocol.EXTENDED, 1),
                        new Load.Pgbench(Scenario.TPCB, Protocol.EXTENDED, 8));
        assertThat(plan(List.of(Scenario.CONNECT), List.of(1)).loads())
                .containsExactly(
                        new Load.Connects(1, false),
                        new Load.Connects(8, false),
                        new Load.Connects(1, true),
                        new Load.Connects(8, true));
    }
}
