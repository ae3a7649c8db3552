package dev.weir.app.importing;

import dev.weir.app.config.TextFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads {@code userlist.txt}: a user a line, name and secret in double quotes, where {@code ""} is one. What follows on the
 * line is left out, as are lines that begin with {@code ;}.
 */
final class UserList {
    private static final int MAX_FILE_BYTES = 64 << 20;

    private UserList() {}

    /** The secrets by name; of a name that stands there twice, the last, as PgBouncer takes it. */
    static Map<String, StoredSecret> read(Path file, Place asked, Faults faults) {
        Map<String, StoredSecret> users = new LinkedHashMap<>();
        switch (TextFile.read(file, MAX_FILE_BYTES)) {
            case TextFile.Unreadable(String reason) ->
                faults.add(asked, asked.line() == 0 ? reason : "auth_file: " + file + " " + reason);
            case TextFile.Text(String text) -> {
                int number = 0;
                for (String line : text.split("\n", -1)) {
                    number++;
                    line(line.strip(), new Place(file.toString(), number), users, faults);
                }
            }
        }
        return users;
    }

    private static void line(String line, Place place, Map<String, StoredSecret> users, Faults faults) {
        if (line.indexOf('\0') >= 0) {
            faults.add(place, "must not hold a NUL");
            return;
        }
        if (line.isEmpty() || line.startsWith(";")) {
            return;
        }
        StringBuilder name = new StringBuilder();
        StringBuilder secret = new StringBuilder();
        int end = line.startsWith("\"") ? quoted(line, 1, name) : -1;
        int second = end < 0 ? -1 : line.indexOf('"', end);
        if (second < 0 || quoted(line, second + 1, secret) < 0) {
            faults.add(place, "must be a user and a secret, both in double quotes");
        } else if (name.isEmpty() || Names.isTooLong(name.toString())) {
            faults.add(place, "must have a user's name of 1 to " + Names.MAX_BYTES + " bytes");
        } else {
            users.put(name.toString(), StoredSecret.of(secret.toString()));
        }
    }

    /** Returns where it goes on behind the closing quote, or -1 if there is none. */
    private static int quoted(String line, int start, StringBuilder text) {
        for (int at = start; at < line.length(); at++) {
            if (line.charAt(at) != '"') {
                text.append(line.charAt(at));
            } else if (line.startsWith("\"\"", at)) {
                text.append('"');
                at++;
            } else {
                return at + 1;
            }
        }
        return -1;
    }
}
