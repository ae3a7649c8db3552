package dev.weir.api.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Holds {@code docs/metrics.md} and the dashboard to {@link Metric}. A failure prints the rows that belong there. */
class DocumentedMetricsTest {
    private static final Pattern NAME = Pattern.compile("\\b(?:weir|jvm|process)_[a-z_]+");
    private static final Pattern LABELS =
            Pattern.compile("([a-z]+)(?:=~|!~|!=|=)\"|by \\(([a-z, ]+)\\)|\\{\\{([a-z]+)}}");

    /** Labels that Prometheus adds, and that of buckets. */
    private static final Set<String> FOREIGN_LABELS = Set.of("instance", "job", "le");

    @Test
    void documentHasEveryMetricAndNoOther() throws IOException {
        String expected =
                Arrays.stream(Metric.values()).map(DocumentedMetricsTest::row).collect(Collectors.joining("\n"));
        List<String> rows = Files.readString(documents().resolve("metrics.md"))
                .lines()
                .filter(line -> line.startsWith("| `"))
                .toList();
        assertThat(rows).as("expected:\n%s\n", expected).containsExactlyInAnyOrder(expected.split("\n", -1));
    }

    private static String row(Metric metric) {
        String labels = metric.labels().stream().map(label -> "`" + label + "`").collect(Collectors.joining(", "));
        return "| `" + metric.exposedName() + "` | " + metric.type().name().toLowerCase(Locale.ROOT) + " | " + labels
                + " | " + metric.help() + " |";
    }

    @Test
    void proseAndDashboardNameOnlyMetricsThatExist() throws IOException {
        Set<String> known = exposed();
        Set<String> labels = new HashSet<>(FOREIGN_LABELS);
        for (Metric metric : Metric.values()) {
            labels.addAll(metric.labels());
        }
        String prose = Files.readString(documents().resolve("metrics.md"));
        assertThat(names(prose)).isNotEmpty().isSubsetOf(known);
        List<String> expressions = expressions(dashboard());
        assertThat(expressions).hasSizeGreaterThan(50);
        for (String expression : expressions) {
            assertThat(names(expression)).as(expression).isNotEmpty().isSubsetOf(known);
            assertThat(labels(expression)).as(expression).isSubsetOf(labels);
        }
    }

    /** What nobody looks at helps nobody. */
    @Test
    void dashboardShowsEveryMetric() throws IOException {
        String all = String.join("\n", expressions(dashboard()));
        for (Metric metric : Metric.values()) {
            assertThat(all).contains(metric.exposedName());
        }
    }

    @Test
    void dashboardIsOneThatCanBeImported() throws IOException {
        JsonNode dashboard = dashboard();
        assertThat(dashboard.get("title").asString()).isEqualTo("Weir");
        assertThat(values(dashboard.get("templating").get("list"), "name"))
                .containsExactly("datasource", "tenant", "user", "database");
        assertThat(values(dashboard.get("panels"), "id")).doesNotHaveDuplicates();
        for (JsonNode panel : dashboard.get("panels")) {
            JsonNode at = panel.get("gridPos");
            assertThat(at.get("x").asInt() + at.get("w").asInt()).isLessThanOrEqualTo(24);
        }
    }

    private static List<String> values(JsonNode list, String field) {
        return list.valueStream().map(entry -> entry.get(field).asString()).toList();
    }

    private static List<String> expressions(JsonNode dashboard) {
        Stream<String> targets = dashboard
                .get("panels")
                .valueStream()
                .filter(panel -> panel.has("targets"))
                .flatMap(panel -> panel.get("targets").valueStream())
                .map(target -> target.get("expr").asString());
        Stream<String> variables = dashboard
                .get("templating")
                .get("list")
                .valueStream()
                .filter(variable -> variable.has("definition"))
                .map(variable -> variable.get("definition").asString());
        return Stream.concat(targets, variables).toList();
    }

    private static Set<String> exposed() {
        Set<String> known = new HashSet<>();
        for (Metric metric : Metric.values()) {
            String name = metric.exposedName();
            known.add(name);
            if (metric.type() == Metric.Type.HISTOGRAM || metric.type() == Metric.Type.SUMMARY) {
                known.addAll(Set.of(name + "_count", name + "_sum"));
            }
            if (metric.type() == Metric.Type.HISTOGRAM) {
                known.add(name + "_bucket");
            }
        }
        return known;
    }

    private static Set<String> names(String text) {
        return NAME.matcher(text).results().map(found -> found.group()).collect(Collectors.toSet());
    }

    private static Set<String> labels(String expression) {
        Set<String> labels = new HashSet<>();
        Matcher found = LABELS.matcher(expression);
        while (found.find()) {
            for (int group = 1; group <= found.groupCount(); group++) {
                if (found.group(group) != null) {
                    labels.addAll(List.of(found.group(group).split(", ", -1)));
                }
            }
        }
        return labels;
    }

    private static JsonNode dashboard() throws IOException {
        return JsonMapper.shared().readTree(Files.readString(documents().resolve("grafana/weir.json")));
    }

    private static Path documents() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("docs/metrics.md"))) {
                return folder.resolve("docs");
            }
        }
        throw new IllegalStateException("no docs/metrics.md here or around");
    }
}
