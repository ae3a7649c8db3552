package dev.weir.app.config;

import dev.weir.tenants.TenantId;
import java.net.Inet6Address;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.tomlj.TomlArray;

/** The value types of the configuration's keys. */
final class ValueTypes {
    /** Postgres cuts longer names off (NAMEDATALEN), so nobody could have meant one. */
    static final int MAX_NAME_BYTES = 63;

    private static final Pattern HOST_NAME_FORM =
            Pattern.compile("(?=.{1,253}$)[A-Za-z0-9_-]{1,63}(\\.[A-Za-z0-9_-]{1,63})*");

    private ValueTypes() {}

    /** A whole number from {@code least} to {@code most}. */
    record WholeNumber(int least, int most) implements ValueType<Integer> {
        @Override
        public String inDocument() {
            return "number, " + least + " to " + most;
        }

        @Override
        public Optional<Integer> read(ConfigValue value) {
            if (!(value.content() instanceof Long number)) {
                return value.refuse("must be a whole number between " + least + " and " + most);
            }
            if (number < least || number > most) {
                return value.refuse("must be between " + least + " and " + most);
            }
            return Optional.of(number.intValue());
        }
    }

    /** A duration from {@code shortest} to {@code longest}, both written as in the file. */
    record Period(String shortest, String longest) implements ValueType<Duration> {
        private static final Pattern FORM = Pattern.compile("([0-9]+)(ms|s|m|h|d)");
        private static final int MAX_DIGITS = 12;

        @Override
        public String inDocument() {
            return "duration, " + shortest + " to " + longest;
        }

        @Override
        public Optional<Duration> read(ConfigValue value) {
            if (value.content() instanceof Long || value.content() instanceof Double) {
                return value.refuse("must have a unit and quotes, as in \"30s\" (ms, s, m, h, d)");
            }
            if (!(value.content() instanceof String text)) {
                return value.refuse("must be a duration, as in \"30s\"");
            }
            Matcher form = FORM.matcher(text);
            if (!form.matches()) {
                return value.refuse("must be a whole number and its unit (ms, s, m, h, d), as in \"30s\"");
            }
            if (form.group(1).length() > MAX_DIGITS
                    || duration(form).compareTo(duration(shortest)) < 0
                    || duration(form).compareTo(duration(longest)) > 0) {
                return value.refuse("must be between " + shortest + " and " + longest);
            }
            return Optional.of(duration(form));
        }

        private static Duration duration(String text) {
            Matcher form = FORM.matcher(text);
            if (!form.matches()) {
                throw new IllegalArgumentException("not a duration: " + text);
            }
            return duration(form);
        }

        private static Duration duration(Matcher form) {
            long amount = Long.parseLong(form.group(1));
            return switch (form.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                case "h" -> Duration.ofHours(amount);
                default -> Duration.ofDays(amount);
            };
        }
    }

    /** A number of bytes from {@code least} to {@code most}, both written as in the file. */
    record Size(String least, String most) implements ValueType<Long> {
        private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(KiB|MiB|GiB)");

        @Override
        public String inDocument() {
            return "size, " + least + " to " + most;
        }

        @Override
        public Optional<Long> read(ConfigValue value) {
            if (value.content() instanceof Long || value.content() instanceof Double) {
                return value.refuse("must have a unit and quotes, as in \"64MiB\" (KiB, MiB, GiB)");
            }
            if (!(value.content() instanceof String text) || !FORM.matcher(text).matches()) {
                return value.refuse("must be a whole number and its unit (KiB, MiB, GiB), as in \"64MiB\"");
            }
            long bytes = bytes(text);
            if (bytes < bytes(least) || bytes > bytes(most)) {
                return value.refuse("must be between " + least + " and " + most);
            }
            return Optional.of(bytes);
        }

        private static long bytes(String text) {
            Matcher form = FORM.matcher(text);
            if (!form.matches()) {
                throw new IllegalArgumentException("not a size: " + text);
            }
            long amount = Long.parseLong(form.group(1));
            return switch (form.group(2)) {
                case "KiB" -> amount << 10;
                case "MiB" -> amount << 20;
                default -> amount << 30;
            };
        }
    }

    /** Yes or no, without quotes. */
    record Truth() implements ValueType<Boolean> {
        @Override
        public String inDocument() {
            return "`true`, `false`";
        }

        @Override
        public Optional<Boolean> read(ConfigValue value) {
            return value.content() instanceof Boolean truth
                    ? Optional.of(truth)
                    : value.refuse("must be true or false, without quotes");
        }
    }

    /** One of some words. */
    record Choice<E>(Map<String, E> words) implements ValueType<E> {
        /** The constants of an enum, each under the word that {@code word} gives it. */
        static <E extends Enum<E>> Choice<E> of(Class<E> constants, Function<E, String> word) {
            Map<String, E> words = new LinkedHashMap<>();
            for (E constant : constants.getEnumConstants()) {
                words.put(word.apply(constant), constant);
            }
            return new Choice<>(words);
        }

        @Override
        public String inDocument() {
            return words.keySet().stream().map(word -> "`\"" + word + "\"`").collect(Collectors.joining(", "));
        }

        @Override
        public Optional<E> read(ConfigValue value) {
            E meant = value.content() instanceof String word ? words.get(word) : null;
            if (meant == null) {
                return value.refuse("must be one of "
                        + words.keySet().stream()
                                .map(word -> "\"" + word + "\"")
                                .collect(Collectors.joining(", ")));
            }
            return Optional.of(meant);
        }
    }

    /**
     * A text of a certain form.
     *
     * @param requirement what it must be, as a fault says it behind "must be"
     * @param meaning what the text stands for; empty if it has not the form
     */
    record Text<T>(String inDocument, String requirement, Function<String, Optional<T>> meaning)
            implements ValueType<T> {
        @Override
        public Optional<T> read(ConfigValue value) {
            if (!(value.content() instanceof String text)) {
                return value.refuse("must be " + requirement);
            }
            Optional<T> meant = meaning.apply(text);
            return meant.isPresent() ? meant : value.refuse("must be " + requirement);
        }

        /** A text that is taken as it is. */
        static Text<String> where(String inDocument, String requirement, Function<String, Boolean> isGood) {
            return new Text<>(
                    inDocument, requirement, text -> isGood.apply(text) ? Optional.of(text) : Optional.empty());
        }
    }

    /** The path of a file that exists and can be read; relative ones start at the configuration's folder. */
    record ReadableFile() implements ValueType<Path> {
        @Override
        public String inDocument() {
            return "file";
        }

        @Override
        public Optional<Path> read(ConfigValue value) {
            if (!(value.content() instanceof String text)) {
                return value.refuse("must be the path of a file");
            }
            Path path;
            try {
                path = value.folder().resolve(text);
            } catch (InvalidPathException notAPath) {
                return value.refuse("must be the path of a file");
            }
            if (!Files.isRegularFile(path)) {
                return value.refuse("must be a file that exists (a relative path starts at " + value.folder() + ")");
            }
            if (!Files.isReadable(path)) {
                return value.refuse("must be a file that this process may read");
            }
            return Optional.of(path);
        }
    }

    /** One value or a list of them. */
    record OneOrList<T>(ValueType<T> element, int least) implements ValueType<List<T>> {
        @Override
        public String inDocument() {
            return element.inDocument() + ", or a list of them";
        }

        @Override
        public Optional<List<T>> read(ConfigValue value) {
            if (value.content() instanceof TomlArray array && array.size() < least) {
                return value.refuse("must hold at least " + least);
            }
            List<T> list = new ArrayList<>();
            for (ConfigValue each : value.elements()) {
                element.read(each).ifPresent(list::add);
            }
            return Optional.of(List.copyOf(list));
        }
    }

    static final ValueType<TenantId> TENANT_ID = new Text<>(
            "text, 1 to 63 letters, digits, `_` or `-`",
            "1 to 63 letters, digits, _ or -",
            text -> TenantId.isValid(text) ? Optional.of(new TenantId(text)) : Optional.empty());

    static final ValueType<String> NAME = Text.where(
            "text, 1 to 63 bytes",
            "a text of 1 to 63 bytes",
            text -> !text.isEmpty() && isWithoutNul(text) && bytes(text) <= MAX_NAME_BYTES);

    static final ValueType<String> NOT_EMPTY =
            Text.where("text", "a text that is not empty", text -> !text.isEmpty() && isWithoutNul(text));

    static final ValueType<String> ANY_TEXT = Text.where("text", "a text", ValueTypes::isWithoutNul);

    static final ValueType<String> ADDRESS = Text.where(
            "host name or address", "a host name or an address, without a port", ValueTypes::isHostNameOrAddress);

    static final ValueType<String> SERVER = Text.where(
            "host name, address or socket directory",
            "a host name or an address without a port, or a directory beginning with \"/\"",
            text -> text.startsWith("/") ? isWithoutNul(text) : isHostNameOrAddress(text));

    static final ValueType<String> HOST_NAME = Text.where(
            "host name", "a host name", text -> HOST_NAME_FORM.matcher(text).matches());

    private static boolean isHostNameOrAddress(String text) {
        return text.indexOf(':') >= 0
                ? isAddressOfVersion6(text)
                : HOST_NAME_FORM.matcher(text).matches();
    }

    private static boolean isAddressOfVersion6(String text) {
        // The zone names an interface of this machine, which may come later than the configuration.
        int zone = text.indexOf('%');
        String address = zone < 0 ? text : text.substring(0, zone);
        if (address.startsWith("[")) {
            return false;
        }
        try {
            return !Inet6Address.ofLiteral(address).isMulticastAddress();
        } catch (IllegalArgumentException notAnAddress) {
            return false;
        }
    }

    private static boolean isWithoutNul(String text) {
        return text.indexOf('\0') < 0;
    }

    static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
