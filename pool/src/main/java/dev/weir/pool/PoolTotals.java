package dev.weir.pool;

/** What has happened in pools that are no more, added up. */
public record PoolTotals(PoolCounters counters, SupplyCounters supply) {

    /** Nothing as yet. */
    public PoolTotals() {
        this(new PoolCounters(), new SupplyCounters());
    }

    void add(PoolTotals more) {
        counters.add(more.counters);
        supply.add(more.supply);
    }

    /** As they are now. */
    public PoolTotals copy() {
        return new PoolTotals(counters.copy(), supply.copy());
    }
}
