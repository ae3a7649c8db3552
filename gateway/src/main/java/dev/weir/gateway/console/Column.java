package dev.weir.gateway.console;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A column of what the console shows. */
record Column(String name, ColumnType type) {

    /** Reads lists such as {@code "text: name, host; int4: port"}, in which a type holds for all names behind it. */
    static List<Column> list(String text) {
        List<Column> columns = new ArrayList<>();
        for (String group : text.split(";", -1)) {
            String[] parts = group.split(":", 2);
            ColumnType type = ColumnType.valueOf(parts[0].strip().toUpperCase(Locale.ROOT));
            for (String name : parts[1].split(",", -1)) {
                columns.add(new Column(name.strip(), type));
            }
        }
        return List.copyOf(columns);
    }
}
