package dev.weir.gateway.console;

import dev.weir.wire.Backend;
import dev.weir.wire.Failure;
import dev.weir.wire.Frames;
import dev.weir.wire.Frontend;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a client of the console prepares by the extended protocol before it executes it: Parse, Bind, Describe and Close, each
 * with its answer. Confined to a lane.
 */
final class Preparation {
    private final Names names;

    Preparation(Names names) {
        this.names = names;
    }

    /**
     * Takes one of these messages.
     *
     * @param out gets the answer; nothing, or a part of it, if this fails
     * @throws ConsoleException if it can't be done
     */
    void take(byte type, MessageBody body, ByteBuf out) throws ConsoleException {
        switch (type) {
            case Frontend.PARSE -> {
                parse(body);
                Frames.writeEmpty(out, Backend.PARSE_COMPLETE);
            }
            case Frontend.BIND -> {
                bind(body);
                Frames.writeEmpty(out, Backend.BIND_COMPLETE);
            }
            case Frontend.DESCRIBE -> describe(body, out);
            case Frontend.CLOSE -> {
                close(body);
                Frames.writeEmpty(out, Backend.CLOSE_COMPLETE);
            }
            default -> throw new IllegalArgumentException("message " + (char) type);
        }
    }

    private void parse(MessageBody body) throws ConsoleException {
        String name = body.readText();
        List<Command> parsed = CommandReader.read(body.readText());
        List<Integer> types = new ArrayList<>();
        int count = body.readShort();
        for (int i = 0; i < count; i++) {
            types.add(body.readInt());
        }
        if (parsed.size() > 1) {
            throw new ConsoleException(
                    new Failure.ConsoleSyntax("cannot insert multiple commands into a prepared statement"));
        }
        Command command = parsed.getFirst();
        names.prepare(name, new Prepared(command, Parameters.types(command, types)));
    }

    private void bind(MessageBody body) throws ConsoleException {
        String portal = body.readText();
        Prepared prepared = names.statement(body.readText());
        List<Integer> formatCodes = readShorts(body);
        int count = body.readShort();
        if (count != prepared.parameterTypes().size()) {
            throw new ConsoleException(new Failure.ProtocolViolation("bind message supplies " + count
                    + " parameters, but the prepared statement requires "
                    + prepared.parameterTypes().size()));
        }
        Formats formats = new Formats(formatCodes, count);
        List<Optional<String>> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(
                    Parameters.text(body.readValue(), prepared.parameterTypes().get(i), formats.isBinary(i)));
        }
        Command command = Parameters.bind(prepared.command(), values);
        Formats results = new Formats(readShorts(body), command.columns().size());
        names.bind(portal, new Portal(command, results));
    }

    /** A count, and so many of them. */
    private static List<Integer> readShorts(MessageBody body) throws ConsoleException {
        List<Integer> shorts = new ArrayList<>();
        for (int left = body.readShort(); left > 0; left--) {
            shorts.add(body.readShort());
        }
        return shorts;
    }

    private void describe(MessageBody body, ByteBuf out) throws ConsoleException {
        byte what = body.readByte();
        String name = body.readText();
        if (what == Frontend.STATEMENT) {
            Prepared prepared = names.statement(name);
            Replies.writeParameterDescription(out, prepared.parameterTypes());
            describe(prepared.command().columns(), Formats.TEXT, out);
        } else {
            Portal portal = names.portal(name);
            describe(portal.columns(), portal.formats(), out);
        }
    }

    private static void describe(List<Column> columns, Formats formats, ByteBuf out) {
        if (columns.isEmpty()) {
            Frames.writeEmpty(out, Backend.NO_DATA);
        } else {
            Replies.writeRowDescription(out, columns, formats);
        }
    }

    private void close(MessageBody body) throws ConsoleException {
        byte what = body.readByte();
        String name = body.readText();
        if (what == Frontend.STATEMENT) {
            names.closeStatement(name);
        } else {
            names.closePortal(name);
        }
    }
}
