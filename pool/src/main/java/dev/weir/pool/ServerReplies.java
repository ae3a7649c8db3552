package dev.weir.pool;

import dev.weir.wire.Backend;
import dev.weir.wire.Failure;
import dev.weir.wire.FrameHandler;
import dev.weir.wire.FrameScanner;
import dev.weir.wire.Frames;
import dev.weir.wire.PgError;
import dev.weir.wire.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What comes from one server, and where it goes: on to the borrower, to whoever asked for it of Weir's own, or nowhere.
 * Confined to a lane.
 */
final class ServerReplies implements FrameHandler {
    /** Errors and parameters up to this size are read; a larger error passes unread. */
    private static final int INSPECT_LIMIT = 64 * 1024;

    /** The description of 1,664 columns, the most that there can be, with names of 63 bytes. */
    private static final int DESCRIPTION_LIMIT = 1664 * (64 + 18) + 2;

    /** No Postgres sends more, since it can't allocate more; what claims to be longer is out of step. */
    private static final int LENGTH_LIMIT = 0x3fffffff;

    /** Client encodings in which an ASCII byte may be a part of another character. */
    private static final Set<String> UNJUDGEABLE =
            Set.of("SJIS", "SHIFT_JIS_2004", "BIG5", "GBK", "UHC", "GB18030", "JOHAB");

    private final ServerConnection server;
    private final Channel channel;
    private final ExpectedReplies expected;
    private final FrameScanner scanner = new FrameScanner(this);
    private final Map<String, String> reported;
    private boolean standardStrings = true;
    private boolean judgeable = true;
    private Charset charset = StandardCharsets.UTF_8;

    /** Whom replies are for; null swallows them. The borrower of {@link ServerPhase.Lent}, at hand for the hot path. */
    private @Nullable Borrower replyTo;

    /** Transaction status of the last ReadyForQuery. */
    private byte status = Backend.IDLE;

    private @Nullable PgError lastWords;

    /** The borrower repeats the request under way when its ReadyForQuery has come, and has seen nothing of it. */
    private boolean repeating;

    /** The run that is being taken ends with ReadyForQuery. */
    private boolean readyTaken;

    /** @param reported what the server has reported of its parameters so far */
    ServerReplies(ServerConnection server, Channel channel, ExpectedReplies expected, Map<String, String> reported) {
        this.server = server;
        this.channel = channel;
        this.expected = expected;
        this.reported = new LinkedHashMap<>(reported);
        reported.forEach(this::look);
    }

    void take(ByteBuf in) {
        ByteBuf rest = scanner.take(in);
        if (rest != null) {
            rest.release(); // stopped, so it is being closed
        }
    }

    /** @param borrower null: nobody, from now on */
    void passTo(@Nullable Borrower borrower) {
        replyTo = borrower;
    }

    /** The borrower has left, perhaps amid a reply. */
    void leave() {
        replyTo = null;
        scanner.dropRest();
        repeating = false;
    }

    /** Nothing will come any more. */
    void release() {
        scanner.release();
    }

    @Nullable
    Borrower borrower() {
        return replyTo;
    }

    /** The transaction status of the last ReadyForQuery, a byte as in {@link Backend#IDLE}. */
    byte status() {
        return status;
    }

    /** Nothing outstanding, no transaction open, no reply half passed on. */
    boolean isAtRest() {
        return status == Backend.IDLE && expected.isAtRest() && !scanner.isWithinForwardedFrame();
    }

    boolean isMidReply() {
        return scanner.isWithinForwardedFrame();
    }

    /** What the server has reported of its parameters, in the order in which it did first. Borrowed. */
    Map<String, String> reported() {
        return reported;
    }

    /** The FATAL by which it has ended the connection, if it said one. */
    @Nullable
    PgError lastWords() {
        return lastWords;
    }

    @Override
    public Verdict onHeader(byte type, int bodyLength) {
        if (expected.isPutInDue()) { // it had to wait for the end of a message
            scanner.cut();
            putInDue();
        }
        return switch (type) {
            case Backend.READY_FOR_QUERY ->
                bodyLength == 1 ? Verdict.INSPECT : violation("ReadyForQuery of wrong length");
            case Backend.ERROR_RESPONSE -> {
                if (bodyLength <= INSPECT_LIMIT) {
                    yield Verdict.INSPECT;
                }
                boolean shown = onError(null);
                if (shown) {
                    server.meter().onError(null);
                }
                yield shown ? passOn() : Verdict.SWALLOW;
            }
            case Backend.PARAMETER_STATUS -> bodyLength <= INSPECT_LIMIT ? Verdict.INSPECT : passOn();
            case Backend.NOTICE_RESPONSE -> expected.isOurs() ? Verdict.SWALLOW : passOn();
            case Backend.NOTIFICATION_RESPONSE -> bodyLength <= INSPECT_LIMIT ? Verdict.INSPECT : passOn();
            default -> {
                if (bodyLength > LENGTH_LIMIT) {
                    yield violation("message of " + bodyLength + " bytes");
                }
                if (expected.isOurs() || expected.isPutInNext()) {
                    yield onHeaderAmidOurs(type, bodyLength);
                }
                if (!expected.onReply(type)) {
                    yield violation("unexpected message type 0x" + Integer.toHexString(type & 0xff));
                }
                if (type == Backend.COPY_IN_RESPONSE) {
                    server.recovery().onCopyIn();
                }
                yield passOn();
            }
        };
    }

    /** A reply to a message of Weir's own, or one that may be followed by a reply that is to be put in. */
    private Verdict onHeaderAmidOurs(byte type, int bodyLength) {
        boolean large = type == Backend.DATA_ROW || type == Backend.COPY_DATA || type == Backend.PARAMETER_DESCRIPTION;
        if (bodyLength <= INSPECT_LIMIT && (expected.isOurs() || !large)) {
            return Verdict.INSPECT;
        }
        if (type == Backend.ROW_DESCRIPTION && bodyLength <= DESCRIPTION_LIMIT) {
            return Verdict.INSPECT;
        }
        boolean ours = expected.isOurs();
        if (!expected.onReply(type)) {
            return violation("unexpected message type 0x" + Integer.toHexString(type & 0xff));
        }
        return ours ? Verdict.SWALLOW : passOn();
    }

    @Override
    public Verdict onFrame(byte type, ByteBuf buffer, int bodyIndex, int bodyLength) {
        return switch (type) {
            case Backend.READY_FOR_QUERY -> onReadyForQuery(buffer.getByte(bodyIndex));
            case Backend.ERROR_RESPONSE -> onErrorFrame(buffer, bodyIndex, bodyLength);
            case Backend.PARAMETER_STATUS -> onParameter(buffer, bodyIndex, bodyLength);
            case Backend.NOTIFICATION_RESPONSE -> {
                if (replyTo != null) {
                    replyTo.onNotification(buffer, bodyIndex, bodyLength);
                }
                yield passOn();
            }
            default -> onFrameAmidOurs(type, buffer, bodyIndex, bodyLength);
        };
    }

    private Verdict onReadyForQuery(byte newStatus) {
        status = newStatus;
        boolean ours = expected.isOurs();
        if (ours) {
            scanner.cut(); // what stands before it is for the borrower of now
        }
        Borrower borrower = replyTo;
        if (!expected.onReadyForQuery()) {
            return violation("ReadyForQuery without a request");
        }
        if (borrower == null) {
            server.onReadyAlone();
        } else if (repeating) {
            repeating = false;
            server.onRepeat(borrower);
        } else if (!ours) {
            server.meter().onReady(newStatus == Backend.IDLE, !expected.isEmpty());
            readyTaken = true;
            return Verdict.FORWARD_AND_CUT;
        } else if (borrower.equals(replyTo)) { // whoever was told of the answer may have left
            putInDue();
            borrower.onReady(isAtRest());
        }
        return server.isClosed() ? Verdict.STOP : Verdict.SWALLOW;
    }

    private Verdict onFrameAmidOurs(byte type, ByteBuf buffer, int bodyIndex, int bodyLength) {
        boolean ours = expected.isOurs();
        if (ours) {
            scanner.cut();
        }
        if (ours && type == Backend.DATA_ROW && expected.fate() instanceof OwnQuery query) {
            query.onRow(buffer, bodyIndex, bodyLength);
        }
        if (!expected.onReply(type)) {
            return violation("unexpected message type 0x" + Integer.toHexString(type & 0xff));
        }
        if (replyTo != null && !ours) {
            return Verdict.FORWARD_AND_CUT;
        }
        putInDue();
        return Verdict.SWALLOW;
    }

    private Verdict onParameter(ByteBuf buffer, int bodyIndex, int bodyLength) {
        int nameLength = buffer.bytesBefore(bodyIndex, bodyLength, (byte) 0);
        int valueAt = bodyIndex + nameLength + 1;
        int valueLength = nameLength < 0 ? -1 : buffer.bytesBefore(valueAt, bodyIndex + bodyLength - valueAt, (byte) 0);
        if (valueLength < 0) {
            return violation("malformed ParameterStatus");
        }
        String name = buffer.toString(bodyIndex, nameLength, StandardCharsets.UTF_8);
        String value = buffer.toString(valueAt, valueLength, StandardCharsets.UTF_8);
        reported.put(name, value);
        look(name, value);
        if (expected.isOurs()) {
            if (expected.fate() instanceof OwnQuery query) {
                query.onParameter(name, value);
            }
            return Verdict.SWALLOW;
        }
        Borrower borrower = replyTo;
        if (borrower != null && !server.isShared()) {
            borrower.onParameter(name, value);
        } else {
            server.onParameterOfItsOwn(name, value);
        }
        return passOn();
    }

    private void look(String name, String value) {
        if (name.equals("standard_conforming_strings")) {
            standardStrings = value.equals("on");
        } else if (name.equals("client_encoding")) {
            judgeable = !UNJUDGEABLE.contains(value);
            charset = charset(value);
        }
    }

    /** Java's name for a client encoding; where it has none, bytes are taken for characters. */
    private static Charset charset(String encoding) {
        String name = encoding.startsWith("LATIN") && encoding.length() == 6
                ? "ISO-8859-" + encoding.substring(5)
                : encoding.startsWith("WIN") ? "windows-" + encoding.substring(3) : encoding.replace('_', '-');
        return encoding.equals("UTF8")
                ? StandardCharsets.UTF_8
                : Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.ISO_8859_1;
    }

    /** In which the borrower's texts are. */
    Charset charset() {
        return charset;
    }

    /** Whether a backslash in a plain string is but a backslash. */
    boolean hasStandardStrings() {
        return standardStrings;
    }

    /** Whether the client's encoding has ASCII bytes only for ASCII characters. */
    boolean isJudgeable() {
        return judgeable;
    }

    @Override
    public void onCut() {
        putInDue();
        Borrower borrower = replyTo;
        if (readyTaken && borrower != null) {
            readyTaken = false;
            server.onReady(borrower);
        }
    }

    /** Writes the replies whose turn has come of those that the server was not asked for. */
    void putInDue() {
        if (scanner.isWithinForwardedFrame()) {
            return; // when that has been passed on
        }
        byte type = expected.takePutIn();
        while (type != 0) {
            Borrower borrower = replyTo;
            if (borrower != null) {
                ByteBuf out = channel.alloc().buffer(FrameScanner.HEADER_LENGTH);
                Frames.writeEmpty(out, type);
                borrower.takeOwnReply(out);
            }
            type = expected.takePutIn();
        }
    }

    @Override
    public void takeRun(ByteBuf run) {
        Borrower borrower = replyTo;
        if (borrower == null) {
            run.release();
        } else {
            borrower.takeReplies(run);
        }
    }

    @Override
    public void onMalformedLength(byte type, int lengthField) {
        violation("invalid message length " + lengthField);
    }

    private Verdict passOn() {
        return replyTo == null ? Verdict.SWALLOW : Verdict.FORWARD;
    }

    /** @return whether the borrower is to see it as it is */
    private boolean onError(@Nullable PgError error) {
        Fate fate = expected.fate();
        boolean shown = expected.onError();
        server.recovery().onError();
        if (error != null && error.isFatal()) {
            lastWords = error;
            return true;
        }
        if (fate instanceof OwnQuery query) {
            query.onError(error != null ? error : new Failure.Internal().toPgError());
        } else if (fate instanceof Refusal refusal && replyTo != null) {
            scanner.cut();
            ByteBuf out = channel.alloc().buffer(256);
            refusal.error().writeTo(out);
            replyTo.takeOwnReply(out);
            return false;
        }
        return shown;
    }

    private Verdict onErrorFrame(ByteBuf buffer, int bodyIndex, int bodyLength) {
        PgError error = PgError.parse(buffer, bodyIndex, bodyLength).orElse(null);
        Fate fate = expected.fate();
        if (!onError(error)) {
            return Verdict.SWALLOW;
        }
        if (lastWords != null && server.isShared()) {
            scanner.cut();
            server.discard(CloseReason.BY_SERVER); // each rider is told, or asks again
            return Verdict.STOP;
        }
        Borrower borrower = replyTo;
        if (borrower == null && lastWords != null) {
            server.discard(CloseReason.BY_SERVER); // it closes in a moment, and is not to be lent until then
            return Verdict.STOP;
        }
        if (borrower == null || error == null || error.isFatal()) {
            server.meter().onError(error);
            return passOn();
        }
        if (borrower.repeats(error, buffer, bodyIndex, bodyLength)) {
            scanner.dropRun();
            repeating = true;
            if (expected.isSkipping()) {
                server.session().sendOwnSync(); // the borrower's has not come yet
                server.flushRequests();
            }
            return Verdict.SWALLOW;
        }
        server.meter().onError(error);
        scanner.cut();
        return borrower.takesError(buffer, bodyIndex, bodyLength, fate) ? Verdict.SWALLOW : Verdict.FORWARD;
    }

    Verdict violation(String what) {
        scanner.cut(); // what came before it was sound, perhaps the server's last words
        server.onViolation(what);
        return Verdict.STOP;
    }
}
