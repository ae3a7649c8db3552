package dev.weir.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.tenants.Secret;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantId;
import dev.weir.tenants.TenantUser;
import dev.weir.tenants.Tenants;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PlacementsTest {
    private final List<Lane> lanes = LaneLoadsTest.lanes(4);
    private final Placements placements = new Placements(
            lanes,
            new Budgets(),
            new LaneLoads(lanes, lane -> 0, lanes.getFirst().now()));

    private static Tenant tenant(String id, int lanes) {
        Tenant plain = PoolStage.tenant(new TenantId(id), PoolStage.settings(20));
        return new Tenant(
                plain.id(),
                plain.upstream(),
                plain.database(),
                plain.pool(),
                plain.maxClients(),
                OptionalInt.of(lanes),
                plain.allotment(),
                List.of(user("app"), user("batch")),
                Set.of());
    }

    private static TenantUser user(String name) {
        return TenantUser.of(name, new Secret.Password("secret"));
    }

    private static Tenants tenants(Tenant tenant) {
        return Tenants.of(List.of(tenant), Optional.empty());
    }

    private List<Assignment> assign(Tenant tenant, String user, int count) {
        List<Assignment> assigned = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            assigned.add(placements.assign(tenant, tenant.id(), user));
        }
        return assigned;
    }

    private static Map<Integer, Long> byLane(List<Assignment> assigned) {
        return assigned.stream().collect(Collectors.groupingBy(one -> one.lane().index(), Collectors.counting()));
    }

    private void reload(Tenant changed) {
        placements.prepare(tenants(changed));
        placements.widen(tenants(changed));
    }

    @Test
    void aTenantIsOnItsLanesOnlyAndItsClientsAreDealtEvenly() {
        Tenant tenant = tenant("acme", 3);
        Map<Integer, Long> dealt = byLane(assign(tenant, "app", 30));
        assertThat(dealt).hasSize(3).containsValue(10L);
        assertThat(new HashSet<>(dealt.values())).containsExactly(10L);
    }

    @Test
    void clientsOfEachUserAreDealtEvenlyHoweverTheyAlternate() {
        Tenant tenant = tenant("acme", 2);
        List<Assignment> app = new ArrayList<>();
        List<Assignment> batch = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            app.addAll(assign(tenant, "app", 1));
            batch.addAll(assign(tenant, "batch", 1));
        }
        assertThat(byLane(app)).containsOnly(Map.entry(0, 5L), Map.entry(1, 5L));
        assertThat(byLane(batch)).containsOnly(Map.entry(0, 5L), Map.entry(1, 5L));
    }

    @Test
    void thoseThatHaveGoneCountNoLonger() {
        Tenant tenant = tenant("acme", 2);
        List<Assignment> app = assign(tenant, "app", 8);
        app.stream().filter(one -> one.lane().index() == 1).forEach(Assignment::end);
        assertThat(byLane(assign(tenant, "app", 4))).containsOnly(Map.entry(1, 4L));
    }

    @Test
    void namesThatAreNoUsersAreCountedTogether() {
        Tenant tenant = tenant("acme", 2);
        List<Assignment> strangers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            strangers.addAll(assign(tenant, "stranger" + i, 1));
        }
        assertThat(byLane(strangers)).containsOnly(Map.entry(0, 5L), Map.entry(1, 5L));
    }

    @Test
    void aTenantStaysWhereItIsUntilNothingOfItIsLeft() {
        Tenant tenant = tenant("acme", 1);
        Assignment first = assign(tenant, "app", 1).getFirst();
        assign(tenant("other", 1), "app", 1);
        Placement home = placements.hold(tenant);
        assertThat(assign(tenant, "app", 1).getFirst().lane())
                .as("the least busy is another")
                .isEqualTo(first.lane());
        assertThat(placements.hold(tenant)).isSameAs(home);
        List<Assignment> all = assign(tenant, "app", 1);
        all.forEach(Assignment::end);
        assertThat(placements.hold(tenant)).isSameAs(home);
    }

    @Test
    void whenNothingIsLeftItIsPlacedAnew() {
        Tenant tenant = tenant("acme", 1);
        Placement first = placements.hold(tenant);
        placements.release(first);
        assign(tenant("other", 1), "app", 1);
        Placement second = placements.hold(tenant);
        assertThat(second).isNotSameAs(first);
        assertThat(second.lanes()).doesNotContain(lanes.getFirst());
    }

    @Test
    void tenantsAreSpread() {
        List<Assignment> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.addAll(assign(tenant("t" + i, 1), "app", 1));
        }
        assertThat(new HashSet<>(byLane(all).values())).containsExactly(5L);
    }

    @Test
    void aTenantThatIsNotConfiguredIsNowhere() {
        TenantId stranger = new TenantId("stranger");
        Assignment assigned = placements.assign(null, stranger, "app");
        assigned.end();
        assertThat(assigned.lane()).isIn(lanes);
    }

    @Test
    void moreLanesAreAddedAndFewerGetNoMoreClients() {
        Tenant one = tenant("acme", 1);
        assign(one, "app", 6);
        Placement placement = placements.hold(one);
        assertThat(placement.isDivided()).isFalse();
        Tenant three = tenant("acme", 3);
        reload(three);
        assertThat(placement.isDivided()).isTrue();
        assertThat(placement.lanes()).hasSize(3).doesNotHaveDuplicates();
        assertThat(byLane(assign(three, "app", 6))).hasSize(3);
        reload(one);
        Lane first = placement.lanes().getFirst();
        assertThat(byLane(assign(one, "app", 6))).containsOnly(Map.entry(first.index(), 6L));
        assertThat(placement.lanes()).as("its homes there go on").hasSize(3);
        assertThat(placement.isDivided()).isTrue();
    }
}
