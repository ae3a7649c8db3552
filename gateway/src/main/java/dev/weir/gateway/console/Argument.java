package dev.weir.gateway.console;

/** A value in a command. */
sealed interface Argument {

    /** As it was written, without its quotes. */
    record Literal(String text) implements Argument {}

    /** What Bind gives for {@code $number}. */
    record Parameter(int number) implements Argument {}
}
