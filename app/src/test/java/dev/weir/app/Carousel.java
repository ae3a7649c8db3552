package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Destination;
import dev.weir.testkit.PgClient;

/**
 * Two clients of a pool with two server connections, of which one always holds the server connection that was used last:
 * so the next transaction of anybody else runs on the other one. Without it, a client that is alone gets the same server
 * connection again and again, and would not notice what another one lacks.
 */
final class Carousel implements AutoCloseable {
    private PgClient holding;
    private PgClient waiting;

    private Carousel(Destination destination) {
        holding = destination.login();
        waiting = destination.login();
        assertThat(holding.query("begin").getLast().status()).isEqualTo('T');
    }

    /** Takes a server connection of this pool, in transaction mode. */
    static Carousel in(Destination destination) {
        return new Carousel(destination);
    }

    /** Takes the server connection that rests and gives the other one back. */
    void turn() {
        assertThat(waiting.query("begin").getLast().status()).isEqualTo('T');
        assertThat(holding.query("commit").getLast().status()).isEqualTo('I');
        PgClient resting = holding;
        holding = waiting;
        waiting = resting;
    }

    @Override
    public void close() {
        holding.close();
        waiting.close();
    }
}
