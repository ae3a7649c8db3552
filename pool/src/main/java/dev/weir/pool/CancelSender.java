package dev.weir.pool;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.function.Consumer;

/** Sends CancelRequests to servers, each over a connection of its own. */
interface CancelSender {

    /**
     * @param limit how long it may take
     * @param done called on the lane when the server has closed that connection, which it does after it has signalled
     *     its process; false if this did not come about in time
     */
    void send(SocketAddress server, BackendKey key, Duration limit, Consumer<Boolean> done);
}
