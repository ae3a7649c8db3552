package dev.weir.app.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** One reading of one file: what its values refer to, and the faults found so far. Confined to the reading thread. */
final class ConfigSource {
    private final String file;
    private final Path folder;
    private final Map<String, String> environment;
    private final List<ConfigFault> faults = new ArrayList<>();

    ConfigSource(String file, Path folder, Map<String, String> environment) {
        this.file = file;
        this.folder = folder;
        this.environment = environment;
    }

    /** Where relative paths start. */
    Path folder() {
        return folder;
    }

    Map<String, String> environment() {
        return environment;
    }

    void fault(int line, String key, String reason) {
        faults.add(new ConfigFault(file, line, key, reason));
    }

    boolean isFaulty() {
        return !faults.isEmpty();
    }

    /** The faults by line; those of one line as they were found. */
    List<ConfigFault> faults() {
        return faults.stream()
                .sorted(Comparator.comparingInt(ConfigFault::line))
                .toList();
    }
}
