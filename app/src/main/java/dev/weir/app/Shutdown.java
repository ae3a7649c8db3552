package dev.weir.app;

import java.util.concurrent.CountDownLatch;

/** Somebody asks that the process ends: the operating system, or the console. Safe for all threads. */
final class Shutdown {
    private final CountDownLatch asked = new CountDownLatch(1);
    private volatile boolean graceful = true;

    /** @param gracefully whether transactions may end within the grace period */
    void ask(boolean gracefully) {
        if (!gracefully) {
            graceful = false;
        }
        asked.countDown();
    }

    boolean isAsked() {
        return asked.getCount() == 0;
    }

    boolean isGraceful() {
        return graceful;
    }

    void await() throws InterruptedException {
        asked.await();
    }
}
