package dev.weir.pool;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/** The lane that a client was given. It counts there until the end, which is to be told once. Safe for all threads. */
public final class Assignment {
    private final Placements placements;
    private final Lane lane;

    /** Null for a client of a tenant that is not configured. */
    private final @Nullable Placement placement;

    private final @Nullable AtomicIntegerArray ofUser;

    Assignment(Placements placements, Lane lane, @Nullable Placement placement, @Nullable AtomicIntegerArray ofUser) {
        this.placements = placements;
        this.lane = lane;
        this.placement = placement;
        this.ofUser = ofUser;
        count(1);
    }

    public Lane lane() {
        return lane;
    }

    private void count(int change) {
        if (placement != null && ofUser != null) {
            placements.loads().count(lane, change);
            placement.clients().addAndGet(lane.index(), change);
            if (!ofUser.equals(placement.clients())) {
                ofUser.addAndGet(lane.index(), change);
            }
        }
    }

    /** The client has gone. */
    public void end() {
        count(-1);
        if (placement != null) {
            placements.release(placement);
        }
    }
}
