package dev.weir.api.metrics;

/**
 * How often the configuration was to be read again, since the start.
 *
 * @param ok took effect
 * @param failed left what was in force, or did not take effect on all lanes in time
 * @param lastMillis when what is in force was read, since the epoch: at the start, or the last time that it took effect
 */
public record Reloads(long ok, long failed, long lastMillis) {
    /** Nobody has asked for any. */
    public static Reloads none(long startMillis) {
        return new Reloads(0, 0, startMillis);
    }

    public Reloads andOk(long nowMillis) {
        return new Reloads(ok + 1, failed, nowMillis);
    }

    /** It took effect, but for lanes that do not answer. */
    public Reloads andLate(long nowMillis) {
        return new Reloads(ok, failed + 1, nowMillis);
    }

    public Reloads andFailed() {
        return new Reloads(ok, failed + 1, lastMillis);
    }
}
