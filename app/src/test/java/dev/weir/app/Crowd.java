package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Destination;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Clients that share a pool in transaction mode with the one under test, so that it changes its server connection all the
 * time: each has parameters of its own and statements by the names that drivers use, and checks them.
 */
final class Crowd implements AutoCloseable {
    private static final List<String> NAMES =
            List.of("S_1", "S_2", "s0", "s1", "q", "twice", "_pg3_0", "_pg3_1", "__asyncpg_stmt_1__", "named");

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<?>> members = new ArrayList<>();
    private volatile boolean leaving;

    private Crowd() {}

    /** So many clients of this pool. */
    static Crowd of(int count, Destination destination) {
        Crowd crowd = new Crowd();
        for (int i = 0; i < count; i++) {
            int number = i;
            crowd.members.add(crowd.threads.submit(() -> crowd.live(number, destination)));
        }
        return crowd;
    }

    private @Nullable Void live(int number, Destination destination) {
        try (PgClient client = destination.login()) {
            String own = "of member " + number;
            client.rows("set search_path = member_" + number + "; set timezone = 'Asia/Tokyo'; set work_mem = '"
                    + (number + 11) + "MB'; set datestyle = german; set my.tenant = '" + own + "'");
            for (String name : NAMES) {
                client.send(Messages.parse(name, "select '" + own + "'"), Messages.sync());
                assertThat(client.readUntilReady().getFirst().type()).isEqualTo('1');
            }
            for (int turn = 0; !leaving; turn++) {
                String name = NAMES.get(turn % NAMES.size());
                client.send(Messages.bind("", name), Messages.execute("", 0), Messages.sync());
                assertThat(client.readUntilReady().get(1).columns()).containsExactly(own);
                // Holds the server connection a little, so that the others get other ones.
                assertThat(client.rows("select current_setting('my.tenant') from pg_sleep(0.002)"))
                        .containsExactly(List.of(own));
            }
            client.terminate();
            return null;
        }
    }

    /** Sends the clients away and fails if one of them saw what was not its own. */
    @Override
    public void close() {
        leaving = true;
        threads.shutdown();
        for (Future<?> member : members) {
            try {
                member.get(20, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                throw new AssertionError("another client of the pool failed: " + e.getMessage(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }
    }
}
