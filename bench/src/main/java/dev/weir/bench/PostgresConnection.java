package dev.weir.bench;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A blocking connection, logged in, that runs simple queries. For one thread. */
final class PostgresConnection implements AutoCloseable {
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final int HEADER_BYTES = 5;

    private final ByteChannel channel;
    private final ByteBuffer received;

    private PostgresConnection(ByteChannel channel, ByteBuffer buffer) {
        this.channel = channel;
        this.received = buffer.clear().flip();
    }

    /** A buffer to be used by one connection after the other. */
    static ByteBuffer newBuffer() {
        return ByteBuffer.allocateDirect(BUFFER_BYTES);
    }

    /** Connects to 127.0.0.1 and logs in. */
    static PostgresConnection open(int port, Account account, Scram scram) throws IOException, BenchFailure {
        return open(port, account, scram, newBuffer());
    }

    /** As above, with a buffer of {@link #newBuffer}, for those who open many. */
    static PostgresConnection open(int port, Account account, Scram scram, ByteBuffer buffer)
            throws IOException, BenchFailure {
        return open(port, account, scram, buffer, Connector.PLAIN);
    }

    /** As above, with or without TLS. */
    static PostgresConnection open(int port, Account account, Scram scram, ByteBuffer buffer, Connector connector)
            throws IOException, BenchFailure {
        ByteChannel channel = connector.connect(port);
        PostgresConnection connection = new PostgresConnection(channel, buffer);
        try {
            connection.logIn(account, scram);
            return connection;
        } catch (IOException | BenchFailure e) {
            channel.close();
            throw e;
        }
    }

    private void logIn(Account account, Scram scram) throws IOException, BenchFailure {
        LoginDialogue dialogue = new LoginDialogue(scram);
        send(Messages.startup(account));
        while (!dialogue.isReady()) {
            require(HEADER_BYTES);
            char type = (char) received.get();
            ByteBuffer body = body();
            Optional<ByteBuffer> reply = dialogue.onMessage(type, body);
            if (reply.isPresent()) {
                send(reply.get());
            }
        }
    }

    /** Runs a query and returns the first column of its rows, SQL null as the empty string. */
    List<String> query(String sql) throws IOException, BenchFailure {
        send(Messages.query(sql));
        List<String> values = new ArrayList<>();
        Optional<String> error = Optional.empty();
        while (true) {
            require(HEADER_BYTES);
            char type = (char) received.get();
            ByteBuffer body = body();
            if (type == 'D') {
                values.add(firstColumn(body));
            } else if (type == 'E') {
                error = Optional.of(Messages.error(body));
            } else if (type == 'Z') {
                break;
            }
        }
        if (error.isPresent()) {
            throw new BenchFailure(sql + ": " + error.get());
        }
        return values;
    }

    /** Runs a query and throws its result away as it comes. Returns the bytes of the whole reply. */
    long drain(String sql) throws IOException, BenchFailure {
        send(Messages.query(sql));
        long bytes = 0;
        while (true) {
            require(HEADER_BYTES);
            char type = (char) received.get();
            if (type == 'E') {
                throw new BenchFailure(sql + ": " + Messages.error(body()));
            }
            int length = received.getInt();
            bytes += 1 + length;
            skip(length - 4);
            if (type == 'Z') {
                return bytes;
            }
        }
    }

    /**
     * Runs a COPY from the client and sends rows of 1000 bytes, line break included.
     *
     * @param bytes of all rows together
     * @return the bytes of what was sent
     */
    long copyIn(String sql, long bytes) throws IOException, BenchFailure {
        send(Messages.query(sql));
        awaitCopyIn(sql);
        ByteBuffer block = Messages.copyRows(BUFFER_BYTES);
        long sent = 0;
        while (sent < bytes) {
            send(block.rewind());
            sent += block.limit();
        }
        send(Messages.copyDone());
        Optional<String> error = Optional.empty();
        while (true) {
            require(HEADER_BYTES);
            char type = (char) received.get();
            ByteBuffer body = body();
            if (type == 'E') {
                error = Optional.of(Messages.error(body));
            } else if (type == 'Z') {
                if (error.isPresent()) {
                    throw new BenchFailure(sql + ": " + error.get());
                }
                return sent;
            }
        }
    }

    private void awaitCopyIn(String sql) throws IOException, BenchFailure {
        char type;
        do {
            require(HEADER_BYTES);
            type = (char) received.get();
            ByteBuffer body = body();
            if (type == 'E') {
                throw new BenchFailure(sql + ": " + Messages.error(body));
            }
        } while (type != 'G');
    }

    /** Says good-bye and waits until the server has closed, so that its work for this connection is done. */
    @Override
    public void close() throws IOException {
        try (channel) {
            send(Messages.terminate());
            do {
                received.clear();
            } while (channel.read(received) >= 0);
        }
    }

    private static String firstColumn(ByteBuffer row) {
        if (row.getShort() == 0) {
            return "";
        }
        int length = row.getInt();
        if (length < 0) {
            return "";
        }
        byte[] value = new byte[length];
        row.get(value);
        return new String(value, StandardCharsets.UTF_8);
    }

    /** The body of the message whose type has been read; valid until the next read. */
    private ByteBuffer body() throws IOException, BenchFailure {
        require(4);
        int length = received.getInt() - 4;
        if (length < 0 || length > received.capacity()) {
            throw new BenchFailure("A message of " + length + " bytes is not expected here.");
        }
        require(length);
        ByteBuffer body = received.slice(received.position(), length);
        received.position(received.position() + length);
        return body;
    }

    private void skip(int length) throws IOException {
        int left = length;
        while (left > 0) {
            if (!received.hasRemaining()) {
                read();
            }
            int step = Math.min(left, received.remaining());
            received.position(received.position() + step);
            left -= step;
        }
    }

    private void require(int bytes) throws IOException {
        while (received.remaining() < bytes) {
            read();
        }
    }

    private void read() throws IOException {
        received.compact();
        int count = channel.read(received);
        received.flip();
        if (count < 0) {
            throw new EOFException("the server has closed the connection");
        }
    }

    private void send(ByteBuffer message) throws IOException {
        while (message.hasRemaining()) {
            channel.write(message);
        }
    }
}
