package dev.weir.bench.plot;

import java.util.List;

/**
 * One or more panels side by side, each with lines over the same categories, all with the same scale from 0.
 *
 * @param name of its file, without ending
 * @param xTitle what the categories are
 * @param unit of the values
 * @param categories along the horizontal axis, from left to right, evenly spaced
 */
public record LinePlot(
        String name, String title, String xTitle, String unit, List<String> categories, List<Panel> panels) {
    public LinePlot {
        categories = List.copyOf(categories);
        panels = List.copyOf(panels);
        if (categories.isEmpty() || panels.isEmpty()) {
            throw new IllegalArgumentException("a plot needs a category and a panel");
        }
    }

    /** A part of the plot with axes of its own. */
    public record Panel(String title, List<Line> lines) {
        public Panel {
            lines = List.copyOf(lines);
        }
    }

    /**
     * A line.
     *
     * @param look which of the {@value LinePlotSvg#LOOKS} looks it has; the same in all plots for who is the same
     */
    public record Line(String name, int look, List<Point> points) {
        public Line {
            points = List.copyOf(points);
            if (look < 0 || look >= LinePlotSvg.LOOKS) {
                throw new IllegalArgumentException("no look " + look);
            }
        }
    }

    /**
     * A value and its spread.
     *
     * @param category index into the categories
     * @param value not negative
     */
    public record Point(int category, double value, double least, double most) {}

    /** The plot as the text of an SVG file. */
    public String svg() {
        return new LinePlotSvg(this).render();
    }
}
