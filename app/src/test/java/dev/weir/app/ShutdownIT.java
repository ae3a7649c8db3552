package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.gateway.Mode;
import dev.weir.testkit.Destination;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import java.net.ConnectException;
import java.net.Socket;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A shutdown lets transactions finish within the grace (2 s here) and leaves nothing behind. */
class ShutdownIT {

    @Test
    void everyoneEndsInGoodOrderAndNoServerConnectionIsLeft() throws Exception {
        try (PooledRole pool = PooledRole.create("shutdown_role", "pool_size = 6");
                PgClient idle = pool.login(Mode.TRANSACTION);
                PgClient idleSession = pool.login(Mode.SESSION);
                PgClient finishes = pool.login(Mode.TRANSACTION);
                PgClient finishesSession = pool.login(Mode.SESSION);
                PgClient lingers = pool.login(Mode.TRANSACTION);
                PgClient runs = pool.login(Mode.SESSION)) {
            idleSession.query("select 1");
            finishes.query("begin");
            finishesSession.query("begin");
            lingers.query("begin");
            runs.send(Messages.query("select pg_sleep(60)"));
            pool.awaitRunning("pg_sleep(60)");

            long begun = System.nanoTime();
            Thread closing = Thread.ofVirtual().start(() -> pool.weir().close());
            assertEnded(idle);
            assertEnded(idleSession);
            Destination at = pool.destination(Mode.TRANSACTION);
            assertThatThrownBy(() -> new Socket(at.host(), at.port()).close()).isInstanceOf(ConnectException.class);
            assertThat(PooledRole.single(finishes, "select 'still served'")).isEqualTo("still served");
            assertThat(finishes.query("commit").getFirst().tag()).isEqualTo("COMMIT");
            assertEnded(finishes);
            finishesSession.query("commit");
            assertEnded(finishesSession);
            assertThat((System.nanoTime() - begun) / 1_000_000)
                    .as("ms, within the grace")
                    .isLessThan(2_000);

            assertEnded(lingers);
            assertEnded(runs);
            assertThat((System.nanoTime() - begun) / 1_000_000)
                    .as("ms, after the grace")
                    .isGreaterThan(1_900);
            closing.join();
            assertThat(pool.backends()).isEmpty();
        }
    }

    private static void assertEnded(PgClient client) {
        List<Frame> last = client.readUntilClosed();
        assertThat(last).hasSize(1);
        assertThat(last.getFirst().sqlstate()).isEqualTo("57P01");
        assertThat(last.getFirst().fields()).containsEntry('V', "FATAL");
    }

    @Test
    void aClientInTheQueueIsServedWithinTheGrace() {
        try (PooledRole pool = PooledRole.create("shutdown_queue_role", "pool_size = 1");
                PgClient holder = pool.login(Mode.TRANSACTION);
                PgClient waiting = pool.login(Mode.TRANSACTION)) {
            holder.query("begin");
            waiting.send(Messages.query("select 'served'"));
            Thread closing = Thread.ofVirtual().start(() -> pool.weir().close());
            Destination at = pool.destination(Mode.TRANSACTION);
            Awaitility.await().atMost(PooledRole.PATIENCE).until(() -> {
                try (Socket socket = new Socket(at.host(), at.port())) {
                    return !socket.isConnected();
                } catch (ConnectException refused) {
                    return true;
                }
            });
            holder.query("commit");
            assertEnded(holder);
            assertThat(waiting.readUntil('D').getLast().columns()).containsExactly("served");
            waiting.readUntilReady();
            assertEnded(waiting);
            closing.join();
            assertThat(pool.backends()).isEmpty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
