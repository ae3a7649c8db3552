package dev.weir.gateway;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Where clients are greeted: where the last one went, since the next is likely to be of the same tenant and need not move
 * then. Those who may want TLS are dealt over all lanes, since handshakes are work enough to be shared; so are all while
 * many have said nothing yet, so that a flood of them hits no single lane. Safe for all threads.
 */
final class GreetingLoops {
    /** More than say nothing yet in any burst of ordinary logins, and few enough to be no burden to one lane. */
    static final int TOGETHER = 256;

    private final EventLoopGroup all;
    private final boolean dealsAll;

    /** Clients that were accepted and have no home yet. */
    private final AtomicInteger greeted = new AtomicInteger();

    /** Where the last client moved to; null before the first. */
    private volatile @Nullable EventLoop lastHome;

    /** @param dealsAll whether even few are dealt over all lanes */
    GreetingLoops(EventLoopGroup all, boolean dealsAll) {
        this.all = all;
        this.dealsAll = dealsAll;
    }

    /** Where the next client is greeted. Each call is followed by one of {@link #onOver}. */
    EventLoop next() {
        int before = greeted.getAndIncrement();
        EventLoop loop = lastHome;
        return loop == null || dealsAll || before >= TOGETHER ? all.next() : loop;
    }

    /** A client has found its home, or is gone. */
    void onOver() {
        greeted.decrementAndGet();
    }

    /** A client goes there. */
    void onHome(EventLoop home) {
        if (lastHome != home) {
            lastHome = home;
        }
    }
}
