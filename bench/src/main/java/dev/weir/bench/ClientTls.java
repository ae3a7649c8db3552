package dev.weir.bench;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * TLS of the benchmark's own clients, who trust the one certificate there is: by BoringSSL where it runs, so that the client costs
 * little, else by the JDK. One connection at a time, since they share buffers; but see {@link #wrap}.
 */
final class ClientTls implements Connector {
    private static final int RECEIVED_BYTES = 128 * 1024;
    /** Of a record on the wire, at most, with what the JDK adds to be sure. */
    private static final int RECORD_BYTES = 20 * 1024;

    private final SslContext context;
    private final boolean resumes;
    private final LongAdder full = new LongAdder();
    private final ByteBuffer received = ByteBuffer.allocateDirect(RECEIVED_BYTES);
    private final ByteBuffer sent = ByteBuffer.allocateDirect(RECORD_BYTES);

    /** @param resumes whether a connection resumes the session of an earlier one, if the server lets it */
    ClientTls(TlsFiles files, boolean resumes) throws IOException, BenchFailure {
        this.resumes = resumes;
        try {
            context = SslContextBuilder.forClient()
                    .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
                    .trustManager(new Trust(files.readCertificate()))
                    .build();
        } catch (GeneralSecurityException e) {
            throw new BenchFailure("The client's TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    /** How often a server had to show its certificate: connections less those that resumed a session. */
    long fullHandshakes() {
        return full.sum();
    }

    @Override
    public TlsChannel connect(int port) throws IOException, BenchFailure {
        SocketChannel socket = Connector.socket(port);
        try {
            askForTls(socket);
            TlsChannel channel = new TlsChannel(socket, engine(port), received, sent);
            channel.handshake();
            return channel;
        } catch (IOException | BenchFailure e) {
            socket.close();
            throw e;
        }
    }

    /**
     * TLS over a socket that does not block, whose server has agreed to it. It has a buffer of its own to receive, and that to
     * send in common with all others: all of them are for one thread.
     */
    TlsChannel wrap(SocketChannel socket, int port) throws IOException {
        return new TlsChannel(socket, engine(port), ByteBuffer.allocateDirect(RECORD_BYTES), sent);
    }

    private SSLEngine engine(int port) {
        // Without a name, an engine looks for no session to resume.
        return resumes
                ? context.newEngine(UnpooledByteBufAllocator.DEFAULT, Candidate.HOST, port)
                : context.newEngine(UnpooledByteBufAllocator.DEFAULT);
    }

    private static void askForTls(SocketChannel socket) throws IOException, BenchFailure {
        socket.write(Messages.sslRequest());
        ByteBuffer answer = ByteBuffer.allocate(1);
        socket.read(answer);
        requireAgreement(answer.flip());
    }

    /** @param answer what has come for the request of TLS */
    static void requireAgreement(ByteBuffer answer) throws BenchFailure {
        if (!answer.hasRemaining() || answer.get() != 'S') {
            throw new BenchFailure("The server does not offer TLS.");
        }
    }

    /** Trusts one certificate, whatever its name, and counts how often it was shown. */
    private final class Trust extends X509ExtendedTrustManager {
        private final X509Certificate certificate;

        Trust(X509Certificate certificate) {
            this.certificate = certificate;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            if (!certificate.equals(chain[0])) {
                throw new CertificateException("this is not the certificate of the benchmark");
            }
            full.increment();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            checkServerTrusted(chain, type);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            checkServerTrusted(chain, type);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("there are no certificates of clients");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            checkClientTrusted(chain, type);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            checkClientTrusted(chain, type);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
