package dev.weir.app;

import dev.weir.api.metrics.Metric;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code /metrics} said, read by the rules of the text format.
 *
 * @param text as it came
 * @param types of metrics, by name
 * @param values by name and labels
 */
record Scraped(String text, Map<String, String> types, Map<Series, Double> values) {
    private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
    private static final Pattern SAMPLE = Pattern.compile("([a-z_]+)(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("([a-z]+)=\"((?:[^\"\\\\]|\\\\.)*)\",?");

    /** One line of it. */
    record Series(String name, Map<String, String> labels) {}

    static Scraped of(Weir weir) {
        URI uri = URI.create("http://127.0.0.1:" + weir.httpPort() + "/metrics");
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer =
                    client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new AssertionError(answer.statusCode() + ": " + answer.body());
            }
            return parse(answer.body());
        } catch (IOException e) {
            throw new AssertionError("no metrics", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private static Scraped parse(String text) {
        Map<String, String> types = new HashMap<>();
        Map<Series, Double> values = new HashMap<>();
        for (String line : text.split("\n", -1)) {
            Matcher type = TYPE.matcher(line);
            if (type.matches()) {
                types.put(type.group(1), type.group(2));
            }
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            Matcher sample = SAMPLE.matcher(line);
            if (!sample.matches()) {
                throw new AssertionError("no sample: " + line);
            }
            Map<String, String> labels = new HashMap<>();
            Matcher label = LABEL.matcher(sample.group(2) == null ? "" : sample.group(2));
            while (label.find()) {
                labels.put(label.group(1), label.group(2));
            }
            Double before = values.put(new Series(sample.group(1), labels), Double.parseDouble(sample.group(3)));
            if (before != null) {
                throw new AssertionError("twice: " + line);
            }
        }
        return new Scraped(text, types, values);
    }

    /** The value of one series, 0 if there is none such; labels as name, value, name, value. */
    double value(String name, String... labels) {
        Map<String, String> wanted = new HashMap<>();
        for (int i = 0; i < labels.length; i += 2) {
            wanted.put(labels[i], labels[i + 1]);
        }
        return values.getOrDefault(new Series(name, wanted), 0.0);
    }

    double value(Metric metric, String... labels) {
        return value(metric.exposedName(), labels);
    }

    /** The names of labels that the series of a metric have, without that of buckets. */
    Set<Set<String>> labelNames(Metric metric) {
        Set<Set<String>> names = new HashSet<>();
        values.keySet().forEach(series -> {
            String base = series.name().replaceAll("_(bucket|count|sum)$", "");
            if (series.name().equals(metric.exposedName()) || base.equals(metric.exposedName())) {
                Set<String> own = new HashSet<>(series.labels().keySet());
                own.remove("le");
                names.add(own);
            }
        });
        return names;
    }
}
