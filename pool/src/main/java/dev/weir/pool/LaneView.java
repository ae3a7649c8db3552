package dev.weir.pool;

import java.util.List;

/**
 * What one lane held at one moment. Views are made on the lane and looked at elsewhere.
 *
 * @param homes of the tenants that have been asked for since the start
 */
public record LaneView(int index, List<HomeView> homes) {
    public LaneView {
        homes = List.copyOf(homes);
    }
}
