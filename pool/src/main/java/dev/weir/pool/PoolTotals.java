package dev.weir.pool;

/**
 * What has happened in pools, added up; of a tenant, in those that are no more.
 *
 * @param loginFailures clients that could not log in, by reason; of a single pool there are none
 */
public record PoolTotals(PoolCounters counters, SupplyCounters supply, Tally loginFailures) {

    /** Nothing as yet. */
    public PoolTotals() {
        this(new PoolCounters(), new SupplyCounters());
    }

    public PoolTotals(PoolCounters counters, SupplyCounters supply) {
        this(counters, supply, new Tally());
    }

    /** Adds those of another. */
    public void add(PoolTotals more) {
        counters.add(more.counters);
        supply.add(more.supply);
        loginFailures.add(more.loginFailures);
    }

    /** As they are now. */
    public PoolTotals copy() {
        return new PoolTotals(counters.copy(), supply.copy(), loginFailures.copy());
    }
}
