package dev.weir.app.importing;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A value of PgBouncer's configuration.
 *
 * @param name what a person calls it, as in {@code app: pool_size}
 * @param key its key alone
 * @param faults takes what is wrong with it
 */
record Value(Place place, String name, String key, String text, Faults faults) {

    /** Reports what is wrong; shows the value, so it is not for secrets. */
    void refuse(String requirement) {
        faults.add(place, name + " " + requirement + ", is \"" + text + "\"");
    }

    /** A whole number as C reads one: decimal, or hexadecimal behind 0x, or octal behind 0. */
    OptionalInt wholeNumber() {
        try {
            return OptionalInt.of(Integer.decode(text));
        } catch (NumberFormatException notANumber) {
            refuse("must be a whole number");
            return OptionalInt.empty();
        }
    }

    /** A whole number that is not negative. */
    OptionalInt count() {
        OptionalInt number = wholeNumber();
        if (number.isPresent() && number.getAsInt() < 0) {
            refuse("must not be negative");
            return OptionalInt.empty();
        }
        return number;
    }

    /** Seconds, which may have a fraction; what is more than nothing is at least a millisecond. */
    Optional<Duration> seconds() {
        BigDecimal seconds;
        try {
            seconds = new BigDecimal(text);
        } catch (NumberFormatException notANumber) {
            refuse("must be a number of seconds");
            return Optional.empty();
        }
        if (seconds.signum() < 0 || seconds.precision() - seconds.scale() > 9) {
            refuse("must be a number of seconds that is not negative");
            return Optional.empty();
        }
        BigDecimal millis = seconds.movePointRight(3).setScale(0, RoundingMode.UP);
        return Optional.of(Duration.ofMillis(millis.longValueExact()));
    }

    boolean isOff() {
        return !isOn();
    }

    /** A switch: a number, of which 0 is off. */
    boolean isOn() {
        OptionalInt number = wholeNumber();
        return number.isPresent() && number.getAsInt() != 0;
    }

    /** The word, if it is one of these. */
    Optional<String> word(List<String> words) {
        String word = text.toLowerCase(Locale.ROOT);
        if (words.contains(word)) {
            return Optional.of(word);
        }
        refuse("must be one of " + String.join(", ", words));
        return Optional.empty();
    }

    /** Its parts between commas, without the space around them. */
    List<String> list() {
        return List.of(text.split(",", -1)).stream()
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
    }
}
