package dev.weir.bench;

import dev.weir.bench.plot.LinePlot;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The report in Markdown. */
final class Report {
    private final Map<String, String> facts;
    private final List<Section> sections;
    private final Findings findings;

    /** @param facts what the run was made on and with, in order; each a line */
    Report(Map<String, String> facts, List<Section> sections, Findings findings) {
        this.facts = facts;
        this.sections = List.copyOf(sections);
        this.findings = findings;
    }

    /** Without plots. */
    String render() {
        return render(section -> "");
    }

    /**
     * With links to the plots.
     *
     * @param file names the file of a plot, as seen from the report
     */
    String renderWithPlots(Function<LinePlot, String> file) {
        return render(section -> {
            StringBuilder links = new StringBuilder();
            for (LinePlot plot : section.plots()) {
                links.append("\n![")
                        .append(plot.title())
                        .append("](")
                        .append(file.apply(plot))
                        .append(")\n");
            }
            return links.toString();
        });
    }

    private String render(Function<Section, String> behind) {
        StringBuilder text = new StringBuilder("# Weir, side by side\n\n");
        facts.forEach((name, value) ->
                text.append("- ").append(name).append(": ").append(value).append('\n'));
        text.append('\n');
        for (Section section : sections) {
            text.append("## ").append(section.title()).append("\n\n").append(section.text());
            text.append(behind.apply(section)).append('\n');
        }
        list(text, "Left out", List.copyOf(findings.skipped()));
        list(text, "Failed", List.copyOf(findings.failures()));
        return text.toString();
    }

    private static void list(StringBuilder text, String title, List<String> lines) {
        if (!lines.isEmpty()) {
            text.append("## ").append(title).append("\n\n");
            lines.forEach(line -> text.append("- ").append(line).append('\n'));
            text.append('\n');
        }
    }
}
