package dev.weir.gateway.console;

import dev.weir.wire.Failure;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Parameters of a prepared command: their types, and the values that Bind gives, put where they belong. */
final class Parameters {
    private static final int INT2 = 21;

    private Parameters() {}

    /** One type for each parameter that the command has: what the client has said, or text. */
    static List<Integer> types(Command command, List<Integer> said) {
        List<Integer> types = new ArrayList<>();
        for (int i = 0; i < count(command); i++) {
            int oid = i < said.size() ? said.get(i) : 0;
            types.add(oid == 0 ? ColumnType.TEXT.oid() : oid);
        }
        return List.copyOf(types);
    }

    private static int count(Command command) {
        return argument(command)
                .map(argument -> argument instanceof Argument.Parameter parameter ? parameter.number() : 0)
                .orElse(0);
    }

    private static Optional<Argument> argument(Command command) {
        return switch (command) {
            case Command.Steer steer -> steer.database();
            case Command.KillClient kill -> Optional.of(kill.client());
            case Command.SetValue set -> Optional.of(set.value());
            default -> Optional.empty();
        };
    }

    /** The command with a value in place of its parameter. */
    static Command bind(Command command, List<Optional<String>> values) throws ConsoleException {
        Optional<Argument> argument = argument(command);
        if (argument.isEmpty() || !(argument.get() instanceof Argument.Parameter(int number))) {
            return command;
        }
        if (number > values.size() || values.get(number - 1).isEmpty()) {
            throw new ConsoleException(new Failure.ConsoleInvalidValue("parameter $" + number + " has no value"));
        }
        Argument value = new Argument.Literal(values.get(number - 1).get());
        return switch (command) {
            case Command.Steer steer -> new Command.Steer(steer.verb(), Optional.of(value));
            case Command.KillClient kill -> new Command.KillClient(value);
            case Command.SetValue set -> new Command.SetValue(set.tenant(), set.key(), value);
            default -> command;
        };
    }

    /** A value of Bind's as text. */
    static Optional<String> text(byte @Nullable [] value, int oid, boolean binary) throws ConsoleException {
        if (value == null) {
            return Optional.empty();
        }
        if (!binary) {
            return Optional.of(new String(value, StandardCharsets.UTF_8));
        }
        int wanted = oid == INT2 ? 2 : oid == ColumnType.INT4.oid() ? 4 : oid == ColumnType.INT8.oid() ? 8 : -1;
        if (wanted >= 0 && wanted != value.length) {
            throw new ConsoleException(new Failure.ProtocolViolation("incorrect binary data format in bind"));
        }
        return Optional.of(
                switch (wanted) {
                    case 2 -> String.valueOf(Unpooled.wrappedBuffer(value).getShort(0));
                    case 4 -> String.valueOf(Unpooled.wrappedBuffer(value).getInt(0));
                    case 8 -> String.valueOf(Unpooled.wrappedBuffer(value).getLong(0));
                    default -> new String(value, StandardCharsets.UTF_8); // text looks the same in binary
                });
    }
}
