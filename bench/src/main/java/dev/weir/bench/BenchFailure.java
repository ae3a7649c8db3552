package dev.weir.bench;

import java.io.Serial;

/** Something that the benchmark needs went wrong; the message tells the user what, and what to do. */
final class BenchFailure extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    BenchFailure(String message) {
        super(message);
    }

    BenchFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
