package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.Mode;
import dev.weir.testkit.Destination;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.Replies;
import dev.weir.testkit.ScriptedServer;
import dev.weir.testkit.ScriptedSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Servers that break the protocol or off: that server connection is closed, its client gets FATAL 08006, unless it is in
 * the midst of a message, and nobody else notices. Nothing of it is an ERROR in the log.
 */
class ServerViolationIT {
    /** The rest of it is shorter than an error message, which would complete it and reach the application as data. */
    private static final String ROW = "a row of which the second half comes later or never";

    /** What a server does instead of answering. */
    record Deed(String name, Frame[] before, ScriptedServer.Script script) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Deed deed(String name, ScriptedServer.Script script, Frame... before) {
        return new Deed(name, before, script);
    }

    private static byte[] header(char type, int length) {
        return new byte[] {
            (byte) type, (byte) (length >> 24), (byte) (length >> 16), (byte) (length >> 8), (byte) length
        };
    }

    private static Stream<Arguments> inBothModes(Deed... deeds) {
        return Arrays.stream(Mode.values()).flatMap(mode -> Arrays.stream(deeds).map(deed -> Arguments.of(mode, deed)));
    }

    static Stream<Arguments> insteadOfAnAnswer() {
        return inBothModes(
                deed("unknown type", session -> session.sendRaw(header('!', 4))),
                deed("type of a client", session -> session.sendRaw(Messages.query("select 1"))),
                deed("length 3", session -> session.sendRaw(header('D', 3))),
                deed("negative length", session -> session.sendRaw(header('D', -1))),
                deed("ReadyForQuery without status", session -> session.sendRaw(header('Z', 4))),
                deed("huge ReadyForQuery", session -> session.sendRaw(header('Z', Integer.MAX_VALUE))),
                deed("more than Postgres can send", session -> session.sendRaw(header('D', Integer.MAX_VALUE))),
                deed("reply of another request", session -> session.sendFrames(Replies.empty('1'))),
                deed("authentication", session -> session.sendFrames(Replies.authenticationOk())),
                deed("close", ScriptedSession::close),
                deed("reset", ScriptedSession::reset),
                deed("half a header, then close", session -> session.sendRaw(new byte[] {'D', 0, 0})),
                deed("half an error, then close", session -> {
                    byte[] error = Replies.error("ERROR", "22012", "half");
                    session.sendRaw(Arrays.copyOf(error, error.length - 3));
                }));
    }

    @ParameterizedTest
    @MethodSource
    void insteadOfAnAnswer(Mode mode, Deed deed) {
        List<Frame> reply = replyTo(mode, deed);
        assertThat(reply).hasSize(1);
        assertServerLost(reply.getFirst());
    }

    static Stream<Arguments> behindCompleteMessages() {
        return inBothModes(
                deed("close", session -> session.sendFrames(Replies.rowDescription("c"), Replies.dataRow(ROW))),
                deed(
                        "unknown type",
                        session -> session.sendRaw(
                                Messages.together(Replies.rowDescription("c"), Replies.dataRow(ROW), header('!', 4)))),
                deed("unknown type behind the second half of a row", session -> {
                    byte[] row = Replies.dataRow(ROW);
                    session.sendRaw(Messages.together(Replies.rowDescription("c"), Arrays.copyOf(row, 20)));
                    // The client has seen the first half, so that it was passed on by itself.
                    session.stall();
                    session.sendRaw(Messages.together(Arrays.copyOfRange(row, 20, row.length), header('!', 4)));
                }));
    }

    @ParameterizedTest
    @MethodSource
    void behindCompleteMessages(Mode mode, Deed deed) {
        List<Frame> reply = replyTo(mode, deed);
        assertThat(reply.stream().map(Frame::type)).containsExactly('T', 'D', 'E');
        assertThat(reply.get(1).columns()).containsExactly(ROW);
        assertServerLost(reply.getLast());
    }

    static Stream<Arguments> withinAMessageNothingIsPutBetween() {
        byte[] row = Replies.dataRow(ROW);
        byte[] half = Messages.together(Replies.rowDescription("c"), Arrays.copyOf(row, 20));
        return inBothModes(deed("close", session -> session.sendRaw(half)), deed("reset", session -> {
            session.sendRaw(half);
            session.stall();
            session.reset();
        }));
    }

    /** What is missing of a row must not be filled with an error message. */
    @ParameterizedTest
    @MethodSource
    void withinAMessageNothingIsPutBetween(Mode mode, Deed deed) {
        List<Frame> reply = replyTo(mode, deed);
        assertThat(reply.stream().map(Frame::type)).containsExactly('T');
    }

    private static void assertServerLost(Frame error) {
        assertThat(error.sqlstate()).isEqualTo("08006");
        assertThat(error.fields()).containsEntry('V', "FATAL");
    }

    /** The whole reply to the client on whose server connection it happens, while a neighbour works on. */
    private static List<Frame> replyTo(Mode mode, Deed deed) {
        ScriptedServer.Script wrong = session -> {
            session.trustLogin();
            session.expectQuery();
            deed.script().run(session);
        };
        return withNeighbour(
                wrong,
                (server, victim, log) -> {
                    victim.send(Messages.query("select"));
                    server.awaitSession(2);
                    List<Frame> frames = new ArrayList<>();
                    if (victim.hasBytesWithin(Duration.ofMillis(200))) {
                        frames.add(victim.readFrame());
                    }
                    server.release();
                    frames.addAll(victim.readUntilClosed());
                    return frames;
                },
                mode);
    }

    private interface Course<T> {
        T run(ScriptedServer server, PgClient victim, ErrorLog log);
    }

    private static <T> T withNeighbour(ScriptedServer.Script wrong, Course<T> course, Mode mode) {
        ScriptedServer.Script right = session -> {
            session.trustLogin();
            session.answerQueries(sql -> switch (sql) {
                case "begin" -> Messages.together(Replies.commandComplete("BEGIN"), Replies.readyForQuery('T'));
                case "DISCARD ALL" ->
                    Messages.together(Replies.commandComplete("DISCARD ALL"), Replies.readyForQuery('I'));
                default -> Replies.oneRow("right");
            });
        };
        try (ErrorLog errors = ErrorLog.open();
                ScriptedServer server = ScriptedServer.start(right, wrong, right);
                WeirFixture weir = WeirFixture.start(PooledRole.toml(
                        "", PooledRole.tenant("acme", server.host(), server.port(), "u", "pool_size = 2")))) {
            Destination at = mode == Mode.SESSION
                    ? weir.session("u.acme", PooledRole.PASSWORD, "postgres")
                    : weir.transaction("u.acme", PooledRole.PASSWORD, "postgres");
            try (PgClient neighbour = at.login();
                    PgClient victim = at.login()) {
                neighbour.query("begin");
                T outcome = course.run(server, victim, errors);
                assertThat(neighbour.rows("select")).isEqualTo(List.of(List.of("right")));
                try (PgClient next = at.login()) {
                    assertThat(next.rows("select")).isEqualTo(List.of(List.of("right")));
                    next.terminate();
                }
                neighbour.terminate();
                return outcome;
            }
        }
    }

    static Stream<Arguments> whileIdle() {
        return Stream.of(
                        deed("ReadyForQuery", session -> session.sendFrames(Replies.readyForQuery('I'))),
                        deed("a row", session -> session.sendFrames(Replies.dataRow("x"))),
                        deed("a complete reply", session -> session.sendFrames(Replies.oneRow("wrong"))),
                        deed("FATAL", session -> session.sendFrames(Replies.error("FATAL", "57P01", "ends"))),
                        deed("unknown type", session -> session.sendRaw(header('!', 4))),
                        deed("close", ScriptedSession::close),
                        deed("reset", ScriptedSession::reset))
                .map(deed -> Arguments.of(Mode.TRANSACTION, deed));
    }

    /** It is closed, and the next client gets another one. */
    @ParameterizedTest
    @MethodSource
    void whileIdle(Mode mode, Deed deed) {
        ScriptedServer.Script wrong = session -> {
            session.trustLogin();
            session.expectQuery();
            session.sendFrames(Replies.oneRow("last"));
            session.stall();
            deed.script().run(session);
            if (deed.name().equals("close") || deed.name().equals("reset")) {
                return;
            }
            session.expectClosed();
        };
        withNeighbour(
                wrong,
                (server, victim, log) -> {
                    assertThat(victim.rows("select")).isEqualTo(List.of(List.of("last")));
                    server.release();
                    log.await("server connection closed");
                    assertThat(victim.rows("select")).isEqualTo(List.of(List.of("right")));
                    return "";
                },
                mode);
    }
}
