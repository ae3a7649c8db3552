package dev.weir.bench;

import java.util.ArrayList;
import java.util.List;

/** A table in Markdown, padded so that it is also readable as text. Columns after the first {@code textColumns} are figures. */
final class MarkdownTable {
    private final List<String> header;
    private final int textColumns;
    private final List<List<String>> rows = new ArrayList<>();

    MarkdownTable(int textColumns, String... header) {
        this.textColumns = textColumns;
        this.header = List.of(header);
    }

    MarkdownTable row(List<String> cells) {
        if (cells.size() != header.size()) {
            throw new IllegalArgumentException(cells.size() + " cells for " + header.size() + " columns");
        }
        rows.add(List.copyOf(cells));
        return this;
    }

    /** Ends with a line break. */
    String render() {
        int[] widths = new int[header.size()];
        for (int column = 0; column < widths.length; column++) {
            widths[column] = Math.max(3, escape(header.get(column)).length());
            for (List<String> row : rows) {
                widths[column] =
                        Math.max(widths[column], escape(row.get(column)).length());
            }
        }
        StringBuilder text = new StringBuilder();
        line(text, header, widths);
        for (int column = 0; column < widths.length; column++) {
            String dashes = "-".repeat(widths[column] - 1);
            text.append("| ")
                    .append(column < textColumns ? dashes + "-" : dashes + ":")
                    .append(' ');
        }
        text.append("|\n");
        rows.forEach(row -> line(text, row, widths));
        return text.toString();
    }

    private void line(StringBuilder text, List<String> cells, int[] widths) {
        for (int column = 0; column < widths.length; column++) {
            String cell = escape(cells.get(column));
            String blanks = " ".repeat(widths[column] - cell.length());
            text.append("| ")
                    .append(column < textColumns ? cell + blanks : blanks + cell)
                    .append(' ');
        }
        text.append("|\n");
    }

    private static String escape(String cell) {
        return cell.replace("|", "\\|").replace('\n', ' ');
    }
}
