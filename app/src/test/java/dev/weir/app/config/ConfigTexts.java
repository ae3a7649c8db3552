package dev.weir.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Reads configurations that tests write down as text. */
final class ConfigTexts {
    /** A tenant without fault on lines 1 to 6. */
    static final String TENANT = """
            [[tenant]]
            id = "acme"
            host = "db.internal"
            [[tenant.user]]
            name = "app"
            password = "s3cr3t-horse"
            """;

    private ConfigTexts() {}

    static WeirConfig read(String text) {
        return read(text, Path.of("").toAbsolutePath(), Map.of());
    }

    static WeirConfig read(String text, Path folder, Map<String, String> environment) {
        return config(ConfigReader.read(text, folder, environment));
    }

    static WeirConfig config(ConfigResult result) {
        return switch (result) {
            case ConfigResult.Read(WeirConfig config) -> config;
            case ConfigResult.Faulty(List<ConfigFault> faults) -> throw new AssertionError("faults: " + faults);
        };
    }

    /** The faults as a person sees them; none if there are none. */
    static List<String> faults(String text) {
        return faults(text, Path.of("").toAbsolutePath(), Map.of());
    }

    static List<String> faults(String text, Path folder, Map<String, String> environment) {
        return faults(ConfigReader.read(text, folder, environment));
    }

    static List<String> faults(ConfigResult result) {
        return switch (result) {
            case ConfigResult.Read(WeirConfig _) -> List.of();
            case ConfigResult.Faulty(List<ConfigFault> faults) -> {
                assertThat(faults).isNotEmpty();
                yield faults.stream().map(ConfigFault::toString).toList();
            }
        };
    }
}
