package dev.weir.app.importing;

/**
 * What makes an import impossible, for the person who has the files. It never holds a secret.
 *
 * @param place the file, and the line if it is a matter of one
 * @param reason what must be so, and what is instead
 */
public record ImportFault(String place, String reason) {
    @Override
    public String toString() {
        return place + ": " + reason;
    }
}
