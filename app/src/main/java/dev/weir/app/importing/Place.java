package dev.weir.app.importing;

/**
 * Where something stands in what is imported.
 *
 * @param file as the caller named it, or as {@code %include} did
 * @param line from 1; 0 if it is a matter of the whole file
 */
record Place(String file, int line) {
    @Override
    public String toString() {
        return line == 0 ? file : file + ":" + line;
    }
}
