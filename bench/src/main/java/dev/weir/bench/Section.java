package dev.weir.bench;

import dev.weir.bench.plot.LinePlot;
import java.util.List;

/**
 * A section of the report.
 *
 * @param text Markdown, ending with a line break
 * @param plots shown behind it, if the report goes to a file
 */
record Section(String title, String text, List<LinePlot> plots) {
    Section {
        plots = List.copyOf(plots);
    }

    static Section of(String title, String text) {
        return new Section(title, text, List.of());
    }
}
