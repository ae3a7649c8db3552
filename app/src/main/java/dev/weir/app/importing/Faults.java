package dev.weir.app.importing;

import java.util.ArrayList;
import java.util.List;

/** The faults found so far. */
final class Faults {
    private final List<ImportFault> all = new ArrayList<>();

    void add(Place place, String reason) {
        all.add(new ImportFault(place.toString(), reason));
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    List<ImportFault> all() {
        return List.copyOf(all);
    }
}
