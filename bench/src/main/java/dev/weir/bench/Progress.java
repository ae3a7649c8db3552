package dev.weir.bench;

/** How far a run is: counts measurements, of which each scenario has said beforehand how many it makes. */
final class Progress {
    private final int all;
    private int done;
    private int plannedByNow;

    /** @param all measurements of the run */
    Progress(int all) {
        this.all = all;
    }

    /** A scenario begins that makes that many measurements. One before it that has made fewer or more counts as planned. */
    void begin(int steps) {
        done = plannedByNow;
        plannedByNow += steps;
    }

    /** A measurement begins, or is left out. Returns what to write in front of it. */
    String next() {
        done = Math.min(done + 1, plannedByNow);
        return "[" + done + " of " + all + "] ";
    }
}
