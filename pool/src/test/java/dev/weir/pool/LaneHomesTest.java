package dev.weir.pool;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.tenants.ServerLife;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantId;
import dev.weir.tenants.Tenants;
import dev.weir.testkit.LeakWatch;
import dev.weir.wire.PgError;
import dev.weir.wire.Sqlstate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is left of tenants whose clients have gone. */
@ExtendWith(LeakWatch.class)
class LaneHomesTest {
    private static final ServerLife SHORT =
            new ServerLife(Duration.ofSeconds(1), Duration.ZERO, Duration.ofDays(1), "");

    @Test
    void aHomeThatNobodyUsesVanishesAndItsTotalsDoNot() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(2, SHORT))) {
            for (int round = 1; round <= 3; round++) {
                List<PoolStage.Guest> guests = stage.idle(2);
                guests.forEach(PoolStage.Guest::leave);
                assertThat(stage.homes.all())
                        .as("it still has server connections")
                        .hasSize(1);
                stage.pass(Duration.ofSeconds(2));
                assertThat(stage.homes.all()).isEmpty();
                assertThat(stage.loop.timers()).isZero();
                PoolTotals past = requireNonNull(
                        stage.homes.view(stage.lane, false).past().get(PoolStage.TENANT));
                assertThat(past.supply().opened()).isEqualTo(2L * round);
                assertThat(past.supply().closed()).isEqualTo(2L * round);
                assertThat(past.supply().closed(CloseReason.IDLE)).isEqualTo(2L * round);
                assertThat(past.supply().lentAfterWaiting() + past.supply().lentAtOnce())
                        .isEqualTo(2L * round);
            }
            assertThat(stage.home().view(false).past().supply().opened()).isEqualTo(6);
            assertThat(stage.homes.view(stage.lane, false).past()).isEmpty();
        }
    }

    @Test
    void theTotalsOfATenantThatIsGoneAreAmongTheOthers() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(2, SHORT))) {
            stage.idle(2);
            PgError gone = PgError.fatal(Sqlstate.ADMIN_SHUTDOWN, "gone");
            stage.tenants = Tenants.of(List.of(), Optional.empty());
            stage.homes.replace(stage.tenants, gone);
            stage.settle();
            LaneView view = stage.homes.view(stage.lane, false);
            assertThat(view.homes()).isEmpty();
            assertThat(view.past()).isEmpty();
            assertThat(view.others().supply().closed()).isEqualTo(2);
            assertThat(stage.homes.find(stage.lane, PoolStage.TENANT)).isNull();
        }
    }

    @Test
    void theTotalsOfTenantsThatLeftLongAgoAreAmongTheOthers() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(1, SHORT))) {
            stage.idle(1).getFirst().leave();
            stage.pass(Duration.ofSeconds(2));
            List<Tenant> many = new ArrayList<>();
            many.add(PoolStage.tenant(PoolStage.TENANT, PoolStage.settings(1)));
            for (int i = 0; i < 10_000; i++) {
                many.add(PoolStage.tenant(new TenantId("tenant" + i), PoolStage.settings(1)));
            }
            stage.tenants = Tenants.of(many, Optional.empty());
            for (Tenant tenant : many.subList(1, many.size())) {
                TenantHome home = requireNonNull(stage.homes.find(stage.lane, tenant.id()));
                home.disable("db");
                home.enable("db");
            }
            LaneView view = stage.homes.view(stage.lane, false);
            assertThat(view.homes()).isEmpty();
            assertThat(view.past()).hasSize(10_000).doesNotContainKey(PoolStage.TENANT);
            assertThat(view.others().supply().opened()).isEqualTo(1);
        }
    }

    @Test
    void countsWhatWasLentAtOnceAndWhatWasUsedBefore() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(1))) {
            PoolStage.Guest guest = stage.idle(1).getFirst();
            PoolStage.Guest second = stage.guest();
            guest.ask();
            second.ask();
            guest.giveBack();
            second.giveBack();
            assertThat(stage.supply().lentAtOnce()).isEqualTo(2);
            assertThat(stage.supply().lentAfterWaiting()).isEqualTo(1);
            assertThat(stage.supply().reused()).isEqualTo(2);
        }
    }
}
