package dev.weir.app.importing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.config.ConfigReader;
import dev.weir.app.config.ConfigResult;
import dev.weir.app.config.WeirConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Imports files that tests write down as text. */
final class ImportTexts {
    static final String VERIFIER =
            "SCRAM-SHA-256$4096:MDEyMzQ1Njc4OWFiY2RlZg==$FaZHNvcKmiDLXvPUrlNWE2Un5zGMkKOqtCPAYjTD96U="
                    + ":8V+yuOR2mmlvUG8X2ph7tyKWMkMTyXtDQCGC3pFbxlg=";

    private ImportTexts() {}

    static ImportResult.Made made(Path folder, String ini, String users) {
        return switch (run(folder, ini, users)) {
            case ImportResult.Made made -> made;
            case ImportResult.Impossible(List<ImportFault> faults) -> throw new AssertionError("faults: " + faults);
        };
    }

    /** The faults as a person sees them, without the folder's name. */
    static List<String> faults(Path folder, String ini, String users) {
        return switch (run(folder, ini, users)) {
            case ImportResult.Made made -> throw new AssertionError("no fault: " + made.report());
            case ImportResult.Impossible(List<ImportFault> faults) ->
                faults.stream()
                        .map(fault -> fault.toString().replace(folder + "/", ""))
                        .toList();
        };
    }

    private static ImportResult run(Path folder, String ini, String users) {
        try {
            Path list = Files.writeString(folder.resolve("userlist.txt"), users);
            return Importer.run(
                    Files.writeString(folder.resolve("pgbouncer.ini"), ini),
                    users.isEmpty() ? Optional.empty() : Optional.of(list),
                    folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What Weir reads out of the result, with the variables set that it asks for; it must be without a fault. */
    static WeirConfig config(ImportResult.Made made, Path folder) {
        Map<String, String> environment = new HashMap<>();
        Matcher variables = Pattern.compile("\"\\$\\{([A-Z0-9_]+)}\"").matcher(made.toml());
        while (variables.find()) {
            assertThat(made.report()).as("a variable that the report names").contains(variables.group(1));
            environment.put(variables.group(1), "secret");
        }
        return switch (ConfigReader.read(made.toml(), folder, environment)) {
            case ConfigResult.Read(WeirConfig config) -> config;
            case ConfigResult.Faulty faulty -> throw new AssertionError(faulty.faults() + "\n" + made.toml());
        };
    }
}
