package dev.weir.testkit;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A raw Postgres client that does what a test tells it, frame by frame, also what no decent client does. What a peer
 * does wrong, a read that takes longer than the timeout (10 s unless told), and an unexpected end of the stream are
 * AssertionErrors which show the frames seen so far. For one thread; {@link #close} closes without a Terminate.
 */
public final class PgClient implements AutoCloseable {
    static final Duration READ_TIMEOUT = Duration.ofSeconds(10);
    private static final int FRAMES_SHOWN = 40;

    private final List<Frame> seen = new ArrayList<>();
    private Socket socket;
    private DataInputStream in;
    private OutputStream out;
    private int[] cuts = {};
    private int pieceSize;
    private @Nullable PgLogin login;

    private PgClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(Math.toIntExact(READ_TIMEOUT.toMillis()));
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
        out = socket.getOutputStream();
    }

    /** Connects without TLS and sends nothing. */
    public static PgClient connect(String host, int port) {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(host, port), Math.toIntExact(READ_TIMEOUT.toMillis()));
            return new PgClient(socket);
        } catch (IOException e) {
            closeAfter(e, socket);
            throw new AssertionError("cannot connect to " + host + ":" + port + ": " + e, e);
        }
    }

    private static void closeAfter(IOException failure, Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** Connects, asks for TLS by an SSLRequest, and makes the handshake; {@code host} is the SNI name unless an IP. */
    public static PgClient connectTls(String host, int port, SSLContext context) {
        PgClient client = connect(host, port);
        client.send(Messages.sslRequest());
        char answer = client.readByte();
        if (answer != 'S') {
            client.close();
            throw new AssertionError("the peer answered '" + answer + "' to SSLRequest");
        }
        client.startTls(context, host);
        return client;
    }

    /** Connects and starts with the TLS handshake at once; {@code alpn} as offered, Postgres wants "postgresql". */
    public static PgClient connectDirectTls(String host, int port, SSLContext context, String... alpn) {
        PgClient client = connect(host, port);
        client.startTls(context, host, alpn);
        return client;
    }

    /**
     * Makes the TLS handshake on this connection.
     *
     * @param sniHost the server name to send; an IP address is not sent
     * @throws AssertionError if the handshake fails, with the SSLException as cause
     */
    public void startTls(SSLContext context, String sniHost, String... alpn) {
        try {
            if (in.available() > 0) {
                throw new AssertionError("the peer sent " + in.available() + " bytes in plain before the handshake");
            }
            SSLSocket tls =
                    (SSLSocket) context.getSocketFactory().createSocket(socket, sniHost, socket.getPort(), true);
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setApplicationProtocols(alpn);
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            socket = tls;
            in = new DataInputStream(new BufferedInputStream(tls.getInputStream(), 1 << 16));
            out = tls.getOutputStream();
        } catch (SSLException | SocketException | EOFException e) {
            closeAfter(e, socket);
            throw new AssertionError("TLS handshake failed: " + e, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The server's certificate, or null without TLS. */
    public @Nullable X509Certificate serverCertificate() {
        try {
            return socket instanceof SSLSocket tls
                    ? (X509Certificate) tls.getSession().getPeerCertificates()[0]
                    : null;
        } catch (SSLException e) {
            throw new AssertionError("the server showed no certificate", e);
        }
    }

    /** The protocol agreed by ALPN; empty if none. */
    public String applicationProtocol() {
        String agreed = socket instanceof SSLSocket tls ? tls.getApplicationProtocol() : null;
        return agreed == null ? "" : agreed;
    }

    /** Time after which a read fails; at least 1 ms. */
    public PgClient readTimeout(Duration timeout) {
        try {
            socket.setSoTimeout(Math.toIntExact(timeout.toMillis()));
            return this;
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * From now on cuts what each call of send gets at these offsets and flushes every piece by itself. The kernel may
     * still hand several pieces to the peer at once; {@link FaultProxy} with a delay keeps them apart.
     */
    public PgClient cutSendsAt(int... offsets) {
        cuts = Arrays.stream(offsets).sorted().distinct().toArray();
        return this;
    }

    /** From now on cuts every send into pieces of this many bytes; 0 sends in one piece again. */
    public PgClient cutSendsInto(int bytes) {
        pieceSize = bytes;
        return this;
    }

    /** Sends messages, or any bytes, in one piece unless told to cut. */
    public PgClient send(byte[]... messages) {
        byte[] all = messages.length == 1 ? messages[0] : Messages.together(messages);
        try {
            int from = 0;
            for (int cut : cuts) {
                if (cut > from && cut < all.length) {
                    write(all, from, cut);
                    from = cut;
                }
            }
            write(all, from, all.length);
            return this;
        } catch (IOException e) {
            throw failed("sending " + all.length + " bytes failed: " + e, e);
        }
    }

    private void write(byte[] bytes, int from, int to) throws IOException {
        int step = pieceSize > 0 ? pieceSize : to - from;
        for (int at = from; at < to; at += step) {
            out.write(bytes, at, Math.min(step, to - at));
            out.flush();
        }
    }

    /** Reads one byte without a frame around it: the answer to SSLRequest or GSSENCRequest. */
    public char readByte() {
        try {
            return (char) in.readUnsignedByte();
        } catch (IOException e) {
            throw failed("reading a byte failed: " + e, e);
        }
    }

    /** Reads the next frame. */
    public Frame readFrame() {
        try {
            return remember(Frame.read(in));
        } catch (SocketTimeoutException e) {
            throw failed("no frame within the read timeout", e);
        } catch (IOException e) {
            throw failed("the peer closed the connection: " + e, e);
        }
    }

    /** Reads up to and with the first frame of this type. */
    public List<Frame> readUntil(char type) {
        List<Frame> frames = new ArrayList<>();
        do {
            frames.add(readFrame());
        } while (frames.getLast().type() != type);
        return frames;
    }

    /** Reads up to and with the next ReadyForQuery. */
    public List<Frame> readUntilReady() {
        return readUntil('Z');
    }

    /** Reads what comes until the peer closes, orderly or by reset. */
    public List<Frame> readUntilClosed() {
        List<Frame> frames = new ArrayList<>();
        while (true) {
            try {
                frames.add(remember(Frame.read(in)));
            } catch (SocketTimeoutException e) {
                throw failed("the peer did not close within the read timeout", e);
            } catch (IOException e) {
                // The end that was waited for: EOF, or a reset, which Postgres sends when it leaves bytes unread.
                return frames;
            }
        }
    }

    /** Waits for the peer to close; false if it did not within the read timeout, or sent something instead. */
    public boolean isClosedByPeer() {
        try {
            in.mark(1);
            boolean closed = in.read() < 0;
            if (!closed) {
                in.reset();
            }
            return closed;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true; // a reset closes as well
        }
    }

    /** Whether a byte arrives within this time; reads nothing of it. */
    public boolean hasBytesWithin(Duration time) {
        try {
            int before = socket.getSoTimeout();
            socket.setSoTimeout(Math.max(1, Math.toIntExact(time.toMillis())));
            in.mark(1);
            try {
                boolean arrived = in.read() >= 0;
                if (arrived) {
                    in.reset();
                }
                return arrived;
            } finally {
                socket.setSoTimeout(before);
            }
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            throw failed("the connection broke: " + e, e);
        }
    }

    /** Logs in by what the server asks for and reads up to ReadyForQuery; a refusal is an AssertionError. */
    public PgClient login(String user, @Nullable String password, String database, Map<String, String> parameters) {
        Frame last = attemptLogin(Messages.PROTOCOL_3_0, user, password, database, parameters);
        if (last.type() != 'Z') {
            throw failed("login as " + user + " refused: " + last, null);
        }
        return this;
    }

    /** Logs in without further parameters. */
    public PgClient login(String user, @Nullable String password, String database) {
        return login(user, password, database, Map.of());
    }

    /** Logs in and returns the frame which decides: ReadyForQuery, or the ErrorResponse. */
    public Frame attemptLogin(
            int protocol, String user, @Nullable String password, String database, Map<String, String> parameters) {
        PgLogin attempt = new PgLogin(this, user, password);
        login = attempt;
        return attempt.run(protocol, database, parameters);
    }

    /** The login made on this connection: parameters, cancel key, mechanism. */
    public PgLogin loggedIn() {
        if (login == null) {
            throw new IllegalStateException("no login was made on this connection");
        }
        return login;
    }

    /** Sends a Query and reads its reply up to ReadyForQuery. */
    public List<Frame> query(String sql) {
        send(Messages.query(sql));
        return readUntilReady();
    }

    /** Rows of a simple query as text; an ErrorResponse is an AssertionError. */
    public List<List<@Nullable String>> rows(String sql) {
        List<List<@Nullable String>> rows = new ArrayList<>();
        for (Frame frame : query(sql)) {
            if (frame.type() == 'E') {
                throw failed("query failed: " + sql + ": " + frame, null);
            }
            if (frame.type() == 'D') {
                rows.add(frame.columns());
            }
        }
        return rows;
    }

    /** Ends the sending direction only (TCP half-close). */
    public void shutdownOutput() {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            throw failed("half-close failed: " + e, e);
        }
    }

    /** Closes with a TCP reset. */
    public void reset() {
        try {
            socket.setOption(StandardSocketOptions.SO_LINGER, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends Terminate and closes. */
    public void terminate() {
        send(Messages.terminate());
        close();
    }

    /** Local port, by which a server or a proxy knows this connection. */
    public int localPort() {
        return ((InetSocketAddress) socket.getLocalSocketAddress()).getPort();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Frame remember(Frame frame) {
        seen.add(frame);
        if (seen.size() > FRAMES_SHOWN) {
            seen.removeFirst();
        }
        return frame;
    }

    AssertionError failed(String what, @Nullable Throwable cause) {
        StringBuilder message = new StringBuilder(what).append("; the last frames seen:");
        seen.forEach(frame -> message.append("\n  ").append(frame));
        return new AssertionError(message.toString(), cause);
    }
}
