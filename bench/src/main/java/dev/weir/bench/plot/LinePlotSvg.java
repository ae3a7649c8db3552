package dev.weir.bench.plot;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Draws a plot. Colours follow the reader's preference for light or dark, with a background of the plot's own, and lines also
 * differ by their markers, so that they can be told apart without colours.
 */
final class LinePlotSvg {
    /** Colours and markers there are. */
    static final int LOOKS = 7;

    private static final int PANEL_WIDTH = 300;
    private static final int PANEL_HEIGHT = 220;
    private static final int LEFT = 64;
    private static final int GAP = 28;
    private static final int RIGHT = 20;
    private static final int TOP = 84;
    private static final int BOTTOM = 52;
    private static final int LEGEND_STEP = 120;
    private static final int MARKER = 4;

    private static final String STYLE = """
            <style>
            text { font: 12px system-ui, sans-serif; fill: #1f2328; }
            .title { font-size: 15px; font-weight: 600; }
            .soft { fill: #59636e; }
            .background { fill: #ffffff; stroke: #d1d9e0; }
            .grid { stroke: #d1d9e0; stroke-width: 1; }
            .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
            .spread { stroke-width: 1; opacity: 0.55; }
            .l0 { stroke: #6e7781; } .m0 { fill: #6e7781; }
            .l1 { stroke: #c2410c; } .m1 { fill: #c2410c; }
            .l2 { stroke: #1d4ed8; } .m2 { fill: #1d4ed8; }
            .l3 { stroke: #0f766e; } .m3 { fill: #0f766e; }
            .l4 { stroke: #7c3aed; } .m4 { fill: #7c3aed; }
            .l5 { stroke: #be185d; } .m5 { fill: #be185d; }
            .l6 { stroke: #854d0e; } .m6 { fill: #854d0e; }
            @media (prefers-color-scheme: dark) {
            text { fill: #e6edf3; }
            .soft { fill: #9198a1; }
            .background { fill: #0d1117; stroke: #3d444d; }
            .grid { stroke: #3d444d; }
            .l0 { stroke: #a8b1bb; } .m0 { fill: #a8b1bb; }
            .l1 { stroke: #fb923c; } .m1 { fill: #fb923c; }
            .l2 { stroke: #60a5fa; } .m2 { fill: #60a5fa; }
            .l3 { stroke: #2dd4bf; } .m3 { fill: #2dd4bf; }
            .l4 { stroke: #a78bfa; } .m4 { fill: #a78bfa; }
            .l5 { stroke: #f472b6; } .m5 { fill: #f472b6; }
            .l6 { stroke: #eab308; } .m6 { fill: #eab308; }
            }
            </style>
            """;

    private final LinePlot plot;
    private final Scale scale;
    private final StringBuilder svg = new StringBuilder();

    LinePlotSvg(LinePlot plot) {
        this.plot = plot;
        this.scale = Scale.upTo(plot.panels().stream()
                .flatMap(panel -> panel.lines().stream())
                .flatMap(line -> line.points().stream())
                .mapToDouble(LinePlot.Point::most)
                .max()
                .orElse(0));
    }

    String render() {
        int panels = plot.panels().size();
        Map<String, Integer> lines = new LinkedHashMap<>();
        plot.panels().forEach(panel -> panel.lines().forEach(line -> lines.put(line.name(), line.look())));
        int width = Math.max(
                LEFT + panels * PANEL_WIDTH + (panels - 1) * GAP + RIGHT, LEFT + lines.size() * LEGEND_STEP + RIGHT);
        int height = TOP + PANEL_HEIGHT + BOTTOM;
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\">%n",
                width,
                height,
                width,
                height));
        svg.append("<title>").append(escape(plot.title())).append("</title>\n").append(STYLE);
        svg.append(String.format(
                Locale.ROOT,
                "<rect class=\"background\" x=\"0.5\" y=\"0.5\" width=\"%d\" height=\"%d\" rx=\"6\"/>%n",
                width - 1,
                height - 1));
        text("title", "start", LEFT, 26, plot.title());
        legend(lines);
        for (int i = 0; i < panels; i++) {
            panel(plot.panels().get(i), LEFT + i * (PANEL_WIDTH + GAP), i == 0);
        }
        return svg.append("</svg>\n").toString().replace("\r\n", "\n");
    }

    private void legend(Map<String, Integer> lines) {
        int x = LEFT;
        for (Map.Entry<String, Integer> line : lines.entrySet()) {
            int look = line.getValue();
            svg.append(String.format(Locale.ROOT, "<path class=\"line l%d\" d=\"M%d 44h24\"/>%n", look, x));
            marker(look, x + 12, 44);
            text("", "start", x + 30, 48, line.getKey());
            x += LEGEND_STEP;
        }
    }

    private void panel(LinePlot.Panel panel, int left, boolean labelled) {
        text("", "start", left, TOP - 10, panel.title() + (labelled ? " (" + plot.unit() + ")" : ""));
        for (double tick : scale.ticks()) {
            double y = y(tick);
            svg.append(String.format(Locale.ROOT, "<path class=\"grid\" d=\"M%d %.1fh%d\"/>%n", left, y, PANEL_WIDTH));
            if (labelled) {
                text("soft", "end", left - 8, y + 4, scale.label(tick));
            }
        }
        for (int i = 0; i < plot.categories().size(); i++) {
            text(
                    "soft",
                    "middle",
                    x(left, i),
                    TOP + PANEL_HEIGHT + 18,
                    plot.categories().get(i));
        }
        text("soft", "middle", left + PANEL_WIDTH / 2.0, TOP + PANEL_HEIGHT + 38, plot.xTitle());
        panel.lines().forEach(line -> line(line, left));
    }

    private void line(LinePlot.Line line, int left) {
        StringBuilder path = new StringBuilder();
        for (LinePlot.Point point : line.points()) {
            double x = x(left, point.category());
            path.append(String.format(Locale.ROOT, "%s%.1f %.1f", path.isEmpty() ? "M" : "L", x, y(point.value())));
            svg.append(String.format(
                    Locale.ROOT,
                    "<path class=\"spread l%d\" d=\"M%.1f %.1fV%.1f\"/>%n",
                    line.look(),
                    x,
                    y(point.least()),
                    y(point.most())));
        }
        svg.append(String.format(Locale.ROOT, "<path class=\"line l%d\" d=\"%s\"/>%n", line.look(), path));
        line.points().forEach(point -> marker(line.look(), x(left, point.category()), y(point.value())));
    }

    /** Circle, square, diamond, triangle, and again. */
    private void marker(int look, double x, double y) {
        String shape = switch (look % 4) {
            case 0 ->
                String.format(
                        Locale.ROOT, "<circle class=\"m%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"%d\"/>", look, x, y, MARKER);
            case 1 -> polygon(look, x, y, "m-4 -4h8v8h-8z");
            case 2 -> polygon(look, x, y, "m0 -5l5 5l-5 5l-5 -5z");
            default -> polygon(look, x, y, "m0 -5l5 9h-10z");
        };
        svg.append(shape).append('\n');
    }

    private static String polygon(int look, double x, double y, String steps) {
        return String.format(Locale.ROOT, "<path class=\"m%d\" d=\"M%.1f %.1f%s\"/>", look, x, y, steps);
    }

    /** Categories stand in the middle of equal parts of the axis. */
    private double x(int left, int category) {
        return left + (category + 0.5) * PANEL_WIDTH / plot.categories().size();
    }

    private double y(double value) {
        return TOP + PANEL_HEIGHT * (1 - value / scale.most());
    }

    private void text(String style, String anchor, double x, double y, String text) {
        svg.append(String.format(
                        Locale.ROOT,
                        "<text class=\"%s\" text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\">",
                        style,
                        anchor,
                        x,
                        y))
                .append(escape(text))
                .append("</text>\n");
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
