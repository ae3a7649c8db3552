package dev.weir.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Holds {@code docs/configuration.md} to what the code says. A failure prints the table that belongs there. */
class DocumentedConfigurationTest {
    private static final String HEADER = "| key | value | default | what it does |\n| --- | --- | --- | --- |\n";

    @ParameterizedTest
    @EnumSource
    void documentHasTheTableOfEachSection(ConfigSection section) throws IOException {
        assertThat(document()).contains(table(section));
    }

    @Test
    void documentHasTheTableOfComputeSizes() throws IOException {
        assertThat(document()).contains(computeTable());
    }

    @Test
    void documentHasNoOtherRows() throws IOException {
        Set<String> rows = new HashSet<>(computeTable().lines().toList());
        for (ConfigSection section : ConfigSection.values()) {
            rows.addAll(table(section).lines().toList());
        }
        assertThat(document().lines().filter(line -> line.startsWith("|"))).allMatch(rows::contains);
    }

    @Test
    void proseNamesOnlyKeysThatExist() throws IOException {
        Set<String> known = new HashSet<>();
        for (ConfigKey<?> key : ConfigKeys.ALL) {
            known.add(key.name());
        }
        Matcher words = Pattern.compile("`([a-z]+(?:_[a-z]+)+)(?: = [^`]*)?`").matcher(document());
        List<String> named = new ArrayList<>();
        while (words.find()) {
            named.add(words.group(1));
        }
        assertThat(named).isNotEmpty().allMatch(known::contains);
    }

    @Test
    void listHasEveryKey() throws IllegalAccessException {
        List<Object> declared = new ArrayList<>();
        for (Field field : ConfigKeys.class.getDeclaredFields()) {
            if (field.getType() == ConfigKey.class) {
                declared.add(field.get(null));
            }
        }
        assertThat(ConfigKeys.ALL)
                .hasSameSizeAs(declared)
                .containsAll(declared.stream()
                        .<ConfigKey<?>>map(key -> (ConfigKey<?>) key)
                        .toList());
    }

    @Test
    void keysAreUniqueWhereTheyStandTogether() {
        assertThat(ConfigKeys.ALL.stream().map(key -> key.section() + "." + key.name()))
                .doesNotHaveDuplicates();
        assertThat(Stream.of(ConfigSection.LIMITS, ConfigSection.TENANT)
                        .flatMap(section -> keys(section).map(ConfigKey::name)))
                .doesNotHaveDuplicates();
    }

    private static Stream<ConfigKey<?>> keys(ConfigSection section) {
        return ConfigKeys.ALL.stream().filter(key -> key.section() == section);
    }

    private static String table(ConfigSection section) {
        StringBuilder table = new StringBuilder(HEADER);
        keys(section)
                .forEach(key -> table.append("| `")
                        .append(key.name())
                        .append("` | ")
                        .append(key.type().inDocument())
                        .append(" | ")
                        .append(key.fallbackText())
                        .append(" | ")
                        .append(key.description())
                        .append(" |\n"));
        return table.toString();
    }

    private static String computeTable() {
        StringBuilder table = new StringBuilder(
                "| compute | pool_size | max_server_connections | max_clients |\n| --- | --- | --- | --- |\n");
        for (ComputeSize size : ComputeSize.values()) {
            table.append("| `\"")
                    .append(size.word())
                    .append("\"` | ")
                    .append(size.poolSize())
                    .append(" | ")
                    .append(size.maxServers())
                    .append(" | ")
                    .append(size.maxClients())
                    .append(" |\n");
        }
        return table.toString();
    }

    private static String document() throws IOException {
        return Files.readString(Documents.folder().resolve("configuration.md"));
    }
}
