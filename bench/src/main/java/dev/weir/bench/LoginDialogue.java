package dev.weir.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * One login, from the startup message to the first ReadyForQuery, apart from any socket: it is given the server's messages and
 * returns what is to be sent. Knows trust and SCRAM-SHA-256.
 */
final class LoginDialogue {
    private static final String MECHANISM = "SCRAM-SHA-256";

    private final Scram.Exchange scram;
    private boolean ready;

    LoginDialogue(Scram scram) {
        this.scram = scram.begin();
    }

    /** Whether the server awaits a query. */
    boolean isReady() {
        return ready;
    }

    /**
     * Takes one message of the server.
     *
     * @param body without type and length
     * @return what to send, if anything
     * @throws BenchFailure when the server refuses, or says what this client does not know
     */
    Optional<ByteBuffer> onMessage(char type, ByteBuffer body) throws BenchFailure {
        return switch (type) {
            case 'R' -> onAuthentication(body);
            case 'Z' -> {
                ready = true;
                yield Optional.empty();
            }
            case 'E' -> throw new BenchFailure("The login was refused: " + Messages.error(body));
            // ParameterStatus, BackendKeyData, NoticeResponse, NegotiateProtocolVersion
            case 'S', 'K', 'N', 'v' -> Optional.empty();
            default -> throw new BenchFailure("Unexpected message of type " + type + " during login.");
        };
    }

    private Optional<ByteBuffer> onAuthentication(ByteBuffer body) throws BenchFailure {
        int method = body.getInt();
        return switch (method) {
            case 0 -> Optional.empty();
            case 10 -> Optional.of(Messages.saslInitialResponse(offered(body), scram.first()));
            case 11 -> Optional.of(Messages.saslResponse(scram.last(text(body))));
            case 12 -> {
                scram.verify(text(body));
                yield Optional.empty();
            }
            default ->
                throw new BenchFailure("The server asks for authentication method " + method
                        + "; only trust and SCRAM-SHA-256 are known here.");
        };
    }

    private static String offered(ByteBuffer body) throws BenchFailure {
        while (body.hasRemaining()) {
            if (Messages.string(body).equals(MECHANISM)) {
                return MECHANISM;
            }
        }
        throw new BenchFailure("The server does not offer " + MECHANISM + ".");
    }

    private static String text(ByteBuffer body) {
        return StandardCharsets.UTF_8.decode(body).toString();
    }
}
