package dev.weir.pool;

/** Numbers for the connections of one lane, clients' and servers' alike; no other lane gives the same. Confined to it. */
public final class ConnectionIds {
    private final int lane;
    private final int lanes;
    private long given;

    /**
     * @param lane 0 to {@code lanes} - 1
     * @param lanes how many there are
     */
    public ConnectionIds(int lane, int lanes) {
        this.lane = lane;
        this.lanes = lanes;
    }

    /** Positive, and rising. */
    public long next() {
        return ++given * lanes + lane;
    }
}
