package dev.weir.bench;

import io.netty.util.ReferenceCountUtil;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLSession;

/**
 * TLS over a socket, on the side of the client. The socket may block or not; one that does not must take at once what is sent,
 * which is little. For one thread.
 */
final class TlsChannel implements ByteChannel {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SocketChannel socket;
    private final SSLEngine engine;
    /** From the network and not yet read, between its position and limit. */
    private final ByteBuffer received;

    private final ByteBuffer sent;
    private boolean ended;
    private boolean closed;

    /**
     * @param received room for a record at least; this channel's as long as it is open
     * @param sent room for a record; used within calls only
     */
    TlsChannel(SocketChannel socket, SSLEngine engine, ByteBuffer received, ByteBuffer sent) throws IOException {
        this.socket = socket;
        this.engine = engine;
        this.received = received.clear().flip();
        this.sent = sent;
        engine.setUseClientMode(true);
        engine.beginHandshake();
    }

    /** Goes on with the handshake. Returns whether it is complete; if the socket blocks, it is. */
    boolean handshake() throws IOException {
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> runTasks();
                case NEED_WRAP -> wrap(NOTHING);
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    // BoringSSL's engine wants room even for what has no content.
                    SSLEngineResult result = engine.unwrap(received, sent.clear());
                    if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                        throw new EOFException("the server has ended TLS during the handshake");
                    }
                    if (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW || result.bytesProduced() > 0) {
                        throw new IOException("the handshake gave what it should not: " + result);
                    }
                    if (needsMore(result)) {
                        int count = fill();
                        if (count < 0) {
                            throw new EOFException("the server has closed the connection during the handshake");
                        }
                        if (count == 0) {
                            return false;
                        }
                    }
                }
                case NOT_HANDSHAKING, FINISHED -> {
                    return true;
                }
            }
        }
    }

    /** What was agreed upon. */
    SSLSession session() {
        return engine.getSession();
    }

    /** As of a socket; what has come is read up to the room there is, so that 0 means that there is no more. */
    @Override
    public int read(ByteBuffer target) throws IOException {
        int before = target.position();
        while (!ended) {
            SSLEngineResult result = engine.unwrap(received, target);
            if (result.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_TASK) {
                runTasks();
            } else if (result.getStatus() != SSLEngineResult.Status.CLOSED
                    && result.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_WRAP) {
                wrap(NOTHING);
            }
            int count = target.position() - before;
            switch (needsMore(result) ? SSLEngineResult.Status.BUFFER_UNDERFLOW : result.getStatus()) {
                case CLOSED -> ended = true;
                case BUFFER_OVERFLOW -> {
                    if (count == 0) {
                        throw new IOException("no room for a record: " + target.remaining() + " bytes");
                    }
                    return count;
                }
                case BUFFER_UNDERFLOW -> {
                    if (count > 0) {
                        return count;
                    }
                    int more = fill();
                    if (more <= 0) {
                        return more;
                    }
                }
                case OK -> {}
            }
        }
        int count = target.position() - before;
        return count > 0 ? count : awaitEnd();
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        int before = source.remaining();
        while (source.hasRemaining()) {
            wrap(source);
        }
        return before;
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    /** Closes the socket, without a word. */
    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            ReferenceCountUtil.release(engine);
            socket.close();
        }
    }

    /** Given nothing, BoringSSL's engine says that all is well, and the JDK's that it wants more. */
    private static boolean needsMore(SSLEngineResult result) {
        return result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW
                || (result.getStatus() == SSLEngineResult.Status.OK
                        && result.bytesConsumed() == 0
                        && result.bytesProduced() == 0);
    }

    private int awaitEnd() throws IOException {
        int count;
        do {
            received.clear();
            count = socket.read(received);
        } while (count > 0);
        received.flip();
        return count;
    }

    private int fill() throws IOException {
        received.compact();
        try {
            return socket.read(received);
        } finally {
            received.flip();
        }
    }

    private void wrap(ByteBuffer source) throws IOException {
        sent.clear();
        SSLEngineResult result = engine.wrap(source, sent);
        if (result.getStatus() != SSLEngineResult.Status.OK) {
            throw new IOException("TLS sends nothing any more: " + result);
        }
        sent.flip();
        while (sent.hasRemaining()) {
            if (socket.write(sent) == 0) {
                throw new IOException("The socket did not take a short message at once.");
            }
        }
    }

    private void runTasks() {
        Runnable task;
        while ((task = engine.getDelegatedTask()) != null) {
            task.run();
        }
    }
}
