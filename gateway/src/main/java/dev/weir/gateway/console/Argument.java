package dev.weir.gateway.console;

/** A value in a command. */
sealed interface Argument {

    /** As it was written, without its quotes. */
    record Literal(String text) implements Argument {
        @Override
        public String written() {
            return text;
        }
    }

    /** What Bind gives for {@code $number}. */
    record Parameter(int number) implements Argument {
        @Override
        public String written() {
            return "$" + number;
        }
    }

    /** For a person. */
    String written();
}
