package dev.weir.app.config;

import java.util.List;

/** What came of reading a configuration. */
public sealed interface ConfigResult {

    /** It has no fault. */
    record Read(WeirConfig config) implements ConfigResult {}

    /** @param faults at least one, by line */
    record Faulty(List<ConfigFault> faults) implements ConfigResult {
        public Faulty {
            faults = List.copyOf(faults);
        }
    }
}
