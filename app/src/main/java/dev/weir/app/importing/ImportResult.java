package dev.weir.app.importing;

import java.util.List;

/** What came of an import. */
public sealed interface ImportResult {

    /**
     * It was made.
     *
     * @param toml the text of a {@code weir.toml}
     * @param report what became of the settings, in lines for a person
     */
    record Made(String toml, String report) implements ImportResult {}

    /** @param faults at least one */
    record Impossible(List<ImportFault> faults) implements ImportResult {
        public Impossible {
            faults = List.copyOf(faults);
        }
    }
}
