package dev.weir.app.importing;

import dev.weir.app.config.TextFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads {@code pgbouncer.ini} and what it includes. Source of the form: PgBouncer's manual, "pgbouncer.ini": a comment is a
 * line that begins with {@code ;} or <code>#</code>, and neither is special later in a line; a key with other characters
 * than letters, digits, {@code _ . - *} stands in double quotes, where {@code ""} is one.
 */
final class IniFile {
    private static final int MAX_FILE_BYTES = 16 << 20;

    /** As deep as PgBouncer follows. */
    private static final int MAX_DEPTH = 10;

    private static final String INCLUDE = "%include";

    private final Faults faults;
    private final List<IniEntry> entries = new ArrayList<>();
    private String section = "";

    private IniFile(Faults faults) {
        this.faults = faults;
    }

    /** The entries in their order; those of an included file stand where it is included. */
    static List<IniEntry> read(Path file, Faults faults) {
        IniFile ini = new IniFile(faults);
        ini.file(file, new Place(file.toString(), 0), 0);
        return List.copyOf(ini.entries);
    }

    private void file(Path file, Place asked, int depth) {
        switch (TextFile.read(file, MAX_FILE_BYTES)) {
            case TextFile.Unreadable(String reason) ->
                faults.add(asked, asked.line() == 0 ? reason : file + " " + reason);
            case TextFile.Text(String text) -> {
                int number = 0;
                for (String line : text.split("\n", -1)) {
                    number++;
                    line(line.strip(), new Place(file.toString(), number), file, depth);
                }
            }
        }
    }

    private void line(String line, Place place, Path file, int depth) {
        if (line.indexOf('\0') >= 0) {
            faults.add(place, "must not hold a NUL");
            return;
        }
        if (line.isEmpty() || line.startsWith(";") || line.startsWith("#")) {
            return;
        }
        if (line.startsWith("%")) {
            include(line, place, file, depth);
        } else if (line.startsWith("[")) {
            if (line.endsWith("]") && line.length() > 2) {
                section = line.substring(1, line.length() - 1).strip();
            } else {
                faults.add(place, "must be a section's name between [ and ]");
            }
        } else {
            entry(line, place);
        }
    }

    private void include(String line, Place place, Path file, int depth) {
        String rest = line.startsWith(INCLUDE) ? line.substring(INCLUDE.length()) : "";
        if (rest.isBlank() || !Character.isWhitespace(rest.charAt(0))) {
            faults.add(place, "must be " + INCLUDE + " and the name of a file");
        } else if (depth == MAX_DEPTH) {
            faults.add(place, "includes go deeper than " + MAX_DEPTH + " files: does one include itself?");
        } else {
            file(Paths.find(rest.strip(), file), place, depth + 1);
        }
    }

    private void entry(String line, Place place) {
        StringBuilder key = new StringBuilder();
        int end = line.startsWith("\"") ? quotedKey(line, key) : plainKey(line, key);
        String rest = end < 0 ? "" : line.substring(end).strip();
        if (key.isEmpty() || !rest.startsWith("=")) {
            faults.add(
                    place,
                    "must be written key = value; other keys than of letters, digits, _ . - * need double quotes");
        } else if (section.isEmpty()) {
            faults.add(place, "must stand below a [section]");
        } else {
            entries.add(new IniEntry(
                    place, section, key.toString(), rest.substring(1).strip()));
        }
    }

    private static int plainKey(String line, StringBuilder key) {
        int at = 0;
        while (at < line.length()
                && (Character.isLetterOrDigit(line.charAt(at)) || "_.-*".indexOf(line.charAt(at)) >= 0)) {
            key.append(line.charAt(at++));
        }
        return at;
    }

    /** Returns where it goes on behind the closing quote, or -1 if there is none. */
    private static int quotedKey(String line, StringBuilder key) {
        for (int at = 1; at < line.length(); at++) {
            if (line.charAt(at) != '"') {
                key.append(line.charAt(at));
            } else if (line.startsWith("\"\"", at)) {
                key.append('"');
                at++;
            } else {
                return at + 1;
            }
        }
        return -1;
    }
}
