package dev.weir.app.config;

/**
 * One thing that is wrong in a configuration, for the person who wrote it. It never holds a secret.
 *
 * @param file the file as the caller named it
 * @param line from 1; 0 if the fault is none of a line (the file can't be read)
 * @param key the key's path with list elements counted from 0, as in {@code tenant[1].pool_size}; empty if the fault is
 *     none of a key (a syntax error)
 * @param reason what must be so, and what is instead
 */
public record ConfigFault(String file, int line, String key, String reason) {
    @Override
    public String toString() {
        return file + (line == 0 ? "" : ":" + line) + ": " + (key.isEmpty() ? "" : key + ": ") + reason;
    }
}
