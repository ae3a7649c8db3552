package dev.weir.gateway.console;

import dev.weir.wire.Failure;
import java.util.List;

/** The formats that Bind asks for: none is text for all, one holds for all, else one for each. */
record Formats(List<Integer> codes) {
    static final Formats TEXT = new Formats(List.of());

    private static final int BINARY = 1;

    Formats {
        codes = List.copyOf(codes);
    }

    /** @throws ConsoleException if these can't be the formats of so many values */
    Formats(List<Integer> codes, int values) throws ConsoleException {
        this(codes);
        if (codes.size() > 1 && codes.size() != values) {
            throw new ConsoleException(new Failure.ProtocolViolation(
                    "bind message has " + codes.size() + " formats but there are " + values + " values"));
        }
        for (int code : codes) {
            if (code != 0 && code != BINARY) {
                throw new ConsoleException(
                        new Failure.ConsoleUnsupported("format code " + code, "There is text, 0, and binary, 1."));
            }
        }
    }

    boolean isBinary(int index) {
        return switch (codes.size()) {
            case 0 -> false;
            case 1 -> codes.getFirst() == BINARY;
            default -> codes.get(index) == BINARY;
        };
    }

    int code(int index) {
        return isBinary(index) ? BINARY : 0;
    }
}
