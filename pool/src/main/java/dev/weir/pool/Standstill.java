package dev.weir.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Whether a pool is paused, and who wants to know when its server connections have gone. Confined to a lane. */
final class Standstill {
    private record Watcher(BooleanSupplier condition, Runnable then) {}

    private final List<Watcher> watchers = new ArrayList<>();
    private boolean paused;

    boolean isPaused() {
        return paused;
    }

    void begin() {
        paused = true;
    }

    void end() {
        paused = false;
    }

    /** Calls back, once, when the condition holds: now, or when a server connection has gone. */
    void await(BooleanSupplier condition, Runnable then) {
        watchers.add(new Watcher(condition, then));
        look();
    }

    /** Something has changed that may be waited for. */
    void look() {
        if (watchers.isEmpty()) {
            return;
        }
        for (Watcher watcher : List.copyOf(watchers)) {
            if (watcher.condition.getAsBoolean() && watchers.remove(watcher)) {
                watcher.then.run();
            }
        }
    }
}
