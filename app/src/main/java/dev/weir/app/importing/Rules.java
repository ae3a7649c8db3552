package dev.weir.app.importing;

import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;

/** The rules that many settings share. */
final class Rules {
    static final Duration LONGEST_LIMIT = Duration.ofDays(1);
    static final Duration LONGEST_TIME = Duration.ofDays(30);
    static final Duration SHORTEST = Duration.ofMillis(1);

    private Rules() {}

    /** A time of which 0 is "never" or "no limit", in PgBouncer as in Weir. */
    static Setting.Rule time(Function<Draft, Map<String, String>> table, String key) {
        return (value, draft) -> value.seconds()
                .ifPresent(time -> table.apply(draft)
                        .put(key, TomlText.duration(atMost(time, LONGEST_TIME, value, draft.report))));
    }

    /** A limit that Weir can't be without: 0, no limit in PgBouncer, becomes a day. */
    static Setting.Rule limit(Function<Draft, Map<String, String>> table, String key) {
        return (value, draft) -> value.seconds()
                .ifPresent(time -> table.apply(draft).put(key, TomlText.duration(limit(time, value, draft.report))));
    }

    static Duration limit(Duration time, Value value, Report report) {
        if (time.isZero()) {
            report.add(
                    Report.Kind.OTHERWISE,
                    value.place(),
                    value.name() + ": 0 is no limit in PgBouncer; Weir has one always, the longest is a day");
            return LONGEST_LIMIT;
        }
        return atMost(time, LONGEST_LIMIT, value, report);
    }

    static Duration atMost(Duration time, Duration longest, Value value, Report report) {
        if (time.compareTo(longest) <= 0) {
            return time;
        }
        report.add(
                Report.Kind.OTHERWISE,
                value.place(),
                value.name() + ": " + value.text() + " s is more than Weir takes; it has become " + longest.toDays()
                        + " d");
        return longest;
    }

    /** A number that Weir takes from {@code least} to {@code most}. */
    static OptionalInt number(Value value, int least, int most, Report report) {
        OptionalInt number = value.count();
        if (number.isEmpty()) {
            return number;
        }
        int fitting = Math.clamp(number.getAsInt(), least, most);
        if (fitting != number.getAsInt()) {
            report.add(
                    Report.Kind.OTHERWISE,
                    value.place(),
                    value.name() + ": Weir takes " + least + " to " + most + "; " + value.text() + " has become "
                            + fitting);
        }
        return OptionalInt.of(fitting);
    }

    /** A number that is written below a key. */
    static Setting.Rule number(Function<Draft, Map<String, String>> table, String key, int least, int most) {
        return (value, draft) -> number(value, least, most, draft.report)
                .ifPresent(number -> table.apply(draft).put(key, Integer.toString(number)));
    }
}
