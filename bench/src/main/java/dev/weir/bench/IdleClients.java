package dev.weir.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Many connections, logged in, that do nothing. One thread and one selector drive all of them. */
final class IdleClients implements AutoCloseable {
    /** Logins under way at a time: fewer than a usual listen backlog of 128. */
    private static final int LOGINS_AT_ONCE = 64;

    private static final long PROGRESS_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final int port;
    private final Account account;
    private final Optional<ClientTls> tls;
    private final Scram scram;
    private final Selector selector;
    private final List<Client> clients = new ArrayList<>();
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(64 * 1024);
    private int ready;

    private IdleClients(int port, Account account, Optional<ClientTls> tls) throws IOException {
        this.port = port;
        this.account = account;
        this.tls = tls;
        this.scram = new Scram(account.password());
        this.selector = Selector.open();
    }

    /**
     * Opens that many connections to 127.0.0.1 and returns when all are logged in.
     *
     * @param tls what the server shows, if they are to be by TLS
     */
    static IdleClients open(int count, int port, Account account, Optional<TlsFiles> tls)
            throws IOException, BenchFailure {
        IdleClients idle = new IdleClients(
                port, account, tls.isPresent() ? Optional.of(new ClientTls(tls.get(), false)) : Optional.empty());
        try {
            idle.logInAll(count);
            return idle;
        } catch (IOException | BenchFailure e) {
            idle.close();
            throw e;
        }
    }

    /** Fails when the server has closed one of them, or sent it an error, since. */
    void requireAllOpen() throws IOException, BenchFailure {
        selector.selectNow();
        handleSelected();
    }

    /** Says good-bye for each and closes. */
    @Override
    public void close() throws IOException {
        for (Client client : clients) {
            if (client.dialogue.isReady() && !client.ended) {
                client.channel.write(Messages.terminate());
            }
            client.channel.close();
        }
        selector.close();
    }

    private void logInAll(int count) throws IOException, BenchFailure {
        long lastProgress = System.nanoTime();
        int lastReady = 0;
        while (ready < count) {
            while (clients.size() < count && clients.size() - ready < LOGINS_AT_ONCE) {
                clients.add(connect());
            }
            selector.select(1000);
            handleSelected();
            if (ready > lastReady) {
                lastReady = ready;
                lastProgress = System.nanoTime();
            } else if (System.nanoTime() - lastProgress > PROGRESS_LIMIT_NANOS) {
                throw new BenchFailure(
                        "No login has completed for 30 s; " + ready + " of " + count + " are logged in.");
            }
        }
    }

    private Client connect() throws IOException, BenchFailure {
        SocketChannel socket = SocketChannel.open();
        socket.configureBlocking(false);
        Client client = new Client(socket, new LoginDialogue(scram));
        boolean connected = socket.connect(Candidate.address(port));
        socket.register(selector, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, client);
        if (connected) {
            begin(client);
        }
        return client;
    }

    private void handleSelected() throws IOException, BenchFailure {
        for (SelectionKey key : selector.selectedKeys()) {
            Client client = (Client) key.attachment();
            if (key.isConnectable()) {
                client.socket.finishConnect();
                key.interestOps(SelectionKey.OP_READ);
                begin(client);
            } else if (key.isReadable()) {
                boolean wasReady = client.dialogue.isReady();
                receive(client);
                if (!wasReady && client.dialogue.isReady()) {
                    ready++;
                }
            }
        }
        selector.selectedKeys().clear();
    }

    private void begin(Client client) throws IOException, BenchFailure {
        client.send(tls.isPresent() ? Messages.sslRequest() : Messages.startup(account));
    }

    private void receive(Client client) throws IOException, BenchFailure {
        if (tls.isEmpty() || client.loggingIn) {
            client.receive(chunk);
            return;
        }
        if (!(client.channel instanceof TlsChannel)) {
            chunk.clear().limit(1);
            client.read(chunk);
            ClientTls.requireAgreement(chunk.flip());
            client.channel = tls.get().wrap(client.socket, port);
        }
        if (client.channel instanceof TlsChannel channel && channel.handshake()) {
            client.loggingIn = true;
            client.send(Messages.startup(account));
            client.receive(chunk);
        }
    }

    /** One connection and where its login stands. */
    private static final class Client {
        private final SocketChannel socket;
        private final LoginDialogue dialogue;
        /** The socket, or TLS over it as soon as that is agreed upon. */
        private ByteChannel channel;

        private boolean loggingIn;
        private boolean ended;
        /** The begin of a message whose rest has not come yet. */
        private byte[] rest = new byte[0];

        Client(SocketChannel socket, LoginDialogue dialogue) {
            this.socket = socket;
            this.channel = socket;
            this.dialogue = dialogue;
        }

        void send(ByteBuffer message) throws IOException, BenchFailure {
            channel.write(message);
            if (message.hasRemaining()) {
                throw new BenchFailure("The socket did not take a short message at once.");
            }
        }

        int read(ByteBuffer target) throws IOException, BenchFailure {
            int count = channel.read(target);
            if (count < 0) {
                ended = true;
                throw new BenchFailure("The server has closed an idle connection.");
            }
            return count;
        }

        /** Takes all that has come: what TLS keeps, a selector does not tell. */
        void receive(ByteBuffer chunk) throws IOException, BenchFailure {
            int count;
            do {
                chunk.clear().put(rest);
                count = read(chunk);
                take(chunk.flip());
            } while (count > 0);
        }

        private void take(ByteBuffer chunk) throws IOException, BenchFailure {
            while (chunk.remaining() >= 5 && chunk.remaining() > chunk.getInt(chunk.position() + 1)) {
                char type = (char) chunk.get();
                int length = chunk.getInt() - 4;
                ByteBuffer body = chunk.slice(chunk.position(), length);
                chunk.position(chunk.position() + length);
                Optional<ByteBuffer> reply = dialogue.onMessage(type, body);
                if (reply.isPresent()) {
                    send(reply.get());
                }
            }
            rest = new byte[chunk.remaining()];
            chunk.get(rest);
        }
    }
}
