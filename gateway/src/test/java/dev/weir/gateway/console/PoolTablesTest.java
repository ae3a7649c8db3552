package dev.weir.gateway.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.NoOperations;
import dev.weir.pool.LaneCheck;
import dev.weir.tenants.ConsoleRole;
import dev.weir.tenants.Tenants;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PoolTablesTest {
    private static List<String> state(Optional<ShutdownKind> shutdown) {
        Snapshot snapshot = new Snapshot(
                new ConsoleAccess("ops", ConsoleRole.ADMIN, Optional.empty()),
                Tenants.of(List.of(), Optional.empty()),
                List.of(),
                Map.of(),
                LaneCheck.begin(List.of()),
                new Statistics(0).period(),
                List.of(),
                new NoOperations(),
                shutdown,
                0);
        return PoolTables.state(snapshot).stream()
                .map(row -> row.value(0) + "=" + row.value(1))
                .toList();
    }

    @Test
    void stateBeginsWithTheRowsOfPgBouncer() {
        assertThat(state(Optional.empty())).containsExactly("active=yes", "paused=no", "suspended=no", "shutdown=no");
    }

    @ParameterizedTest
    @CsvSource({"IMMEDIATE, immediate", "WAIT_FOR_SERVERS, wait_for_servers", "WAIT_FOR_CLIENTS, wait_for_clients"})
    void stateTellsTheShutdownThatIsUnderWay(ShutdownKind kind, String word) {
        assertThat(state(Optional.of(kind))).last().isEqualTo("shutdown=" + word);
    }
}
