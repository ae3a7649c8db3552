package dev.weir.app.importing;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The faults found so far; what is read twice has its fault once. */
final class Faults {
    private final Set<ImportFault> all = new LinkedHashSet<>();

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
