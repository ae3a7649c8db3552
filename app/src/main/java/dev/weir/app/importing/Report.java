package dev.weir.app.importing;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a person must know about an import: what was lost, what changed its meaning, and what to do. */
final class Report {
    /** What kind of thing is told, most urgent first. */
    enum Kind {
        DO("What you must do"),
        NONE("What has no counterpart in Weir, and was left out"),
        OTHERWISE("What works otherwise"),
        LOOK("What to look at");

        private final String title;

        Kind(String title) {
            this.title = title;
        }
    }

    private final Map<Kind, Set<String>> lines = new EnumMap<>(Kind.class);

    void add(Kind kind, Place place, String text) {
        add(kind, place + ": " + text);
    }

    void add(Kind kind, String text) {
        lines.computeIfAbsent(kind, _ -> new LinkedHashSet<>()).add(text);
    }

    /** All of it; ends with a newline. */
    String text() {
        List<String> text = new ArrayList<>();
        lines.forEach((kind, told) -> {
            text.add(kind.title + ":");
            told.forEach(line -> text.add("  " + line));
        });
        if (text.isEmpty()) {
            text.add("Everything has its counterpart.");
        }
        return String.join("\n", text) + "\n";
    }
}
