package dev.weir.testkit;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * One connection of a {@link ScriptedServer}, in the hands of its script. Reads time out after 10 s. What it received
 * and how old its TLS is may be read from any thread; the rest is for the script's.
 */
public final class ScriptedSession implements AutoCloseable {
    private static final int SSL_REQUEST = 80877103;
    private static final int GSS_REQUEST = 80877104;

    private final CountDownLatch released;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final List<Frame> received = new CopyOnWriteArrayList<>();
    private final List<Startup> startups = new CopyOnWriteArrayList<>();
    private volatile long tlsSince;
    private Socket socket;
    private DataInputStream in;
    private OutputStream out;

    ScriptedSession(Socket socket, CountDownLatch released) throws IOException {
        this.socket = socket;
        this.released = released;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(Math.toIntExact(PgClient.READ_TIMEOUT.toMillis()));
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out = socket.getOutputStream();
    }

    /** Reads packets without a type up to the one that is no request for encryption, and declines those with 'N'. */
    public Startup expectStartup() throws IOException {
        Startup startup = readStartup();
        while (startup.code() == SSL_REQUEST || startup.code() == GSS_REQUEST) {
            sendRaw(new byte[] {'N'});
            startup = readStartup();
        }
        return startup;
    }

    /** Expects an SSLRequest, grants it and makes the handshake. */
    public void expectTls(SSLContext context) throws IOException {
        Startup request = readStartup();
        if (request.code() != SSL_REQUEST) {
            throw new AssertionError("expected SSLRequest, got " + request);
        }
        sendRaw(new byte[] {'S'});
        SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, null, true);
        tls.startHandshake();
        tlsSince = tls.getSession().getCreationTime();
        socket = tls;
        in = new DataInputStream(new BufferedInputStream(tls.getInputStream()));
        out = tls.getOutputStream();
    }

    /** When its TLS session was made, in milliseconds since the epoch; one that is resumed is as old as it was. 0 without. */
    public long tlsSince() {
        return tlsSince;
    }

    /** Reads one packet without a type: a startup, a cancel request, or a request for encryption. */
    public Startup readStartup() throws IOException {
        int length = in.readInt();
        if (length < 8 || length > 10_000) {
            throw new AssertionError("a startup packet cannot have the length " + length);
        }
        int code = in.readInt();
        byte[] body = new byte[length - 8];
        in.readFully(body);
        Startup startup = new Startup(code, body);
        startups.add(startup);
        return startup;
    }

    /** Expects a startup, whoever it is, and logs them in: parameters of a server 18, process id 4711, key 1. */
    public Startup trustLogin() throws IOException {
        Startup startup = expectStartup();
        sendFrames(
                Replies.authenticationOk(),
                Replies.parameterStatus("server_version", "18.6"),
                Replies.parameterStatus("server_encoding", "UTF8"),
                Replies.parameterStatus("client_encoding", "UTF8"),
                Replies.parameterStatus("DateStyle", "ISO, MDY"),
                Replies.parameterStatus("TimeZone", "UTC"),
                Replies.parameterStatus("integer_datetimes", "on"),
                Replies.parameterStatus("standard_conforming_strings", "on"),
                Replies.backendKeyData(4711, new byte[] {0, 0, 0, 1}),
                Replies.readyForQuery('I'));
        return startup;
    }

    /** Sends frames, as {@link Replies} builds them, in one piece. */
    public void sendFrames(byte[]... frames) throws IOException {
        sendRaw(Messages.together(frames));
    }

    /** Sends any bytes. */
    public void sendRaw(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /** Reads the next frame. */
    public Frame readFrame() throws IOException {
        try {
            Frame frame = Frame.read(in);
            received.add(frame);
            return frame;
        } catch (SocketTimeoutException | EOFException | SocketException e) {
            throw new AssertionError("no frame came: " + e + "; received: " + received, e);
        }
    }

    /** Reads the next frame, which must be of this type. */
    public Frame expectFrame(char type) throws IOException {
        Frame frame = readFrame();
        if (frame.type() != type) {
            throw new AssertionError("expected a frame '" + type + "', received: " + received);
        }
        return frame;
    }

    /** Expects a Query and returns its text. */
    public String expectQuery() throws IOException {
        return Frame.text(ByteBuffer.wrap(expectFrame('Q').body()));
    }

    /** Answers each Query by a function of its text; returns at Terminate or when the client closes. */
    public void answerQueries(Function<String, byte[]> answers) throws IOException {
        while (true) {
            Frame frame;
            try {
                frame = Frame.read(in);
            } catch (EOFException | SocketException e) {
                return; // the client has gone, which is what ends this
            }
            received.add(frame);
            switch (frame.type()) {
                case 'Q' -> sendRaw(answers.apply(Frame.text(ByteBuffer.wrap(frame.body()))));
                case 'X' -> {
                    return;
                }
                default -> throw new AssertionError("only queries are answered here: " + received);
            }
        }
    }

    /** Waits for the client to close, orderly or by reset, and takes what it sends before. */
    public void expectClosed() throws IOException {
        try {
            while (true) {
                received.add(Frame.read(in));
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the client did not close; received: " + received, e);
        } catch (EOFException | SocketException e) {
            return; // closed, as expected
        }
    }

    /** Does nothing, and reads nothing, until {@link ScriptedServer#release} or its close. */
    public void stall() throws InterruptedException {
        released.await();
    }

    /** Closes orderly. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Closes with a TCP reset. */
    public void reset() throws IOException {
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        socket.close();
    }

    /** The frames received so far. */
    public List<Frame> received() {
        return List.copyOf(received);
    }

    /** The packets without a type received so far. */
    public List<Startup> startups() {
        return List.copyOf(startups);
    }

    /** Waits up to this time for the script to end; false if it did not. */
    public boolean awaitEnd(Duration time) throws InterruptedException {
        return ended.await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    void ended() {
        ended.countDown();
    }

    /** A packet without a type: its code (protocol version or request) and what follows. */
    @SuppressWarnings("ArrayRecordComponent") // the body is never changed, and nobody compares these
    public record Startup(int code, byte[] body) {
        /** Parameters of a StartupMessage in their order. */
        public Map<String, String> parameters() {
            Map<String, String> parameters = new LinkedHashMap<>();
            ByteBuffer text = ByteBuffer.wrap(body);
            for (String name = Frame.text(text); !name.isEmpty(); name = Frame.text(text)) {
                parameters.put(name, Frame.text(text));
            }
            return parameters;
        }

        @Override
        public String toString() {
            return "startup " + code + " " + new String(body, StandardCharsets.UTF_8).replace('\0', ' ');
        }
    }
}
