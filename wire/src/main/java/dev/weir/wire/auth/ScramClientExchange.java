package dev.weir.wire.auth;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Collection;

/**
 * The client's half of one SCRAM-SHA-256 login to a server. It holds no password and derives nothing: when the server has
 * told its salt and iterations, {@link DeriveKeys} asks for the keys, and whoever has a password derives or looks them up
 * off the lane, whoever has keys passes them on. Everything else costs a few HMACs and runs on the lane of its
 * connection, in the order {@link #start}, {@link #serverFirst}, {@link #finish}, {@link #serverFinal}. What a server
 * sends never makes it throw; calling it out of order does. Source: RFC 5802, RFC 7677.
 */
public final class ScramClientExchange {

    /** The most bytes that a message of the server may have; about what libpq allows. */
    public static final int MAX_SERVER_MESSAGE_BYTES = 2000;

    /** The most iterations that a server may ask for: seconds of CPU. */
    public static final int MAX_ITERATIONS = 10_000_000;

    /** Leaves room for the rest of the final message in what a Postgres accepts, 1024 bytes. */
    private static final int MAX_NONCE_CHARACTERS = 512;

    private static final int MAX_QUOTED_CHARACTERS = 64;

    private final SecureRandom random;
    private Phase phase = new Fresh();

    private sealed interface Phase {}

    private record Fresh() implements Phase {}

    private record Started(String clientFirstBare, String nonce, String bindingInput) implements Phase {}

    private record Asked(Started started, String serverFirst, String nonce, DeriveKeys keys) implements Phase {}

    @SuppressWarnings("ArrayRecordComponent") // read once, never compared
    private record Proven(byte[] serverSignature) implements Phase {}

    private record Ended() implements Phase {}

    /** What {@link #start} leads to. */
    public sealed interface StartStep {}

    /** What {@link #serverFirst} leads to. */
    public sealed interface KeyStep {}

    /** What {@link #finish} leads to. */
    public sealed interface FinishStep {}

    /** What {@link #serverFinal} leads to. */
    public sealed interface Outcome {}

    /** To be sent in SASLInitialResponse. */
    @SuppressWarnings("ArrayRecordComponent") // read once, never compared
    public record Begin(String mechanism, byte[] clientFirst) implements StartStep {}

    /**
     * The keys for this salt and count are needed, for {@link #finish}.
     *
     * @param salt at least one byte; not copied, treat as read-only
     * @param iterations from 1 to {@link #MAX_ITERATIONS}
     */
    @SuppressWarnings("ArrayRecordComponent") // read once, never compared
    public record DeriveKeys(byte[] salt, int iterations) implements KeyStep {}

    /** To be sent in SASLResponse. */
    @SuppressWarnings("ArrayRecordComponent") // read once, never compared
    public record Answer(byte[] clientFinal) implements FinishStep {}

    /** The server has proved that it knows the verifier; AuthenticationOk may follow. */
    public record Verified() implements Outcome {}

    /** The login is over; the message tells why, and quotes nothing secret. */
    public record Failed(String message) implements StartStep, KeyStep, FinishStep, Outcome {}

    /** @param random source of the nonce; shared sources are fine, blocking ones are not */
    public ScramClientExchange(SecureRandom random) {
        this.random = random;
    }

    /**
     * Selects the mechanism: with channel binding if the server offers it and the connection has one.
     *
     * @param offered as AuthenticationSASL lists them; unknown ones are ignored
     * @param binding that of the server's certificate, or {@link ChannelBinding.None}
     * @throws IllegalStateException if called twice
     */
    public StartStep start(Collection<String> offered, ChannelBinding binding) {
        if (!(phase instanceof Fresh)) {
            throw new IllegalStateException("The exchange has been started already");
        }
        String nonce = ScramAttributes.nonce(random);
        // Postgres takes the user from the startup message, and libpq leaves it out here.
        String bare = "n=,r=" + nonce;
        if (binding instanceof ChannelBinding.ServerEndPoint endPoint) {
            if (offered.contains(SaslMechanisms.SCRAM_SHA_256_PLUS)) {
                String header = "p=" + ChannelBinding.ServerEndPoint.NAME + ",,";
                byte[] input = endPoint.after(ScramAttributes.bytes(header));
                return begin(SaslMechanisms.SCRAM_SHA_256_PLUS, header, input, bare, nonce);
            }
        }
        if (!offered.contains(SaslMechanisms.SCRAM_SHA_256)) {
            return failed("The server offers no SASL mechanism that is supported here");
        }
        // With y, a server that does offer binding learns that somebody has struck it from the list.
        String header = binding instanceof ChannelBinding.ServerEndPoint ? "y,," : "n,,";
        return begin(SaslMechanisms.SCRAM_SHA_256, header, ScramAttributes.bytes(header), bare, nonce);
    }

    /**
     * Takes what AuthenticationSASLContinue carries.
     *
     * @throws IllegalStateException unless {@link #start} has led to {@link Begin}
     */
    public KeyStep serverFirst(byte[] data) {
        if (!(phase instanceof Started started)) {
            throw new IllegalStateException("No challenge is awaited");
        }
        try {
            Asked asked = asked(started, ScramAttributes.text(data, MAX_SERVER_MESSAGE_BYTES));
            phase = asked;
            return asked.keys;
        } catch (MalformedScram malformed) {
            return failed(malformed.reason());
        }
    }

    /**
     * Answers the challenge.
     *
     * @return {@link Failed} if the keys were made for another salt or count: then they cannot log in at this server
     * @throws IllegalStateException unless {@link #serverFirst} has led to {@link DeriveKeys}
     */
    public FinishStep finish(ScramKeys keys) {
        if (!(phase instanceof Asked asked)) {
            throw new IllegalStateException("No keys are awaited");
        }
        if (!keys.fits(asked.keys.salt, asked.keys.iterations)) {
            return failed("The server's verifier is not the one that these SCRAM keys belong to: it has "
                    + (keys.iterations() == asked.keys.iterations
                            ? "another salt"
                            : asked.keys.iterations + " iterations, the keys have " + keys.iterations())
                    + "; give the password of the user, or the same verifier at both places");
        }
        String withoutProof = "c=" + asked.started.bindingInput + ",r=" + asked.nonce;
        Transcript transcript = new Transcript(asked.started.clientFirstBare, asked.serverFirst, withoutProof);
        phase = new Proven(transcript.serverSignature(keys.serverKey()));
        byte[] proof = transcript.overlay(keys.clientKey(), keys.storedKey());
        return new Answer(ScramAttributes.bytes(withoutProof + ",p=" + ScramAttributes.base64(proof)));
    }

    /**
     * Takes what AuthenticationSASLFinal carries. AuthenticationOk without it must not be believed.
     *
     * @throws IllegalStateException unless {@link #finish} has led to {@link Answer}
     */
    public Outcome serverFinal(byte[] data) {
        if (!(phase instanceof Proven proven)) {
            throw new IllegalStateException("No final message is awaited");
        }
        phase = new Ended();
        try {
            String message = ScramAttributes.text(data, MAX_SERVER_MESSAGE_BYTES);
            refuseError(message);
            ScramAttributes attributes = ScramAttributes.of(message, 0);
            byte[] signature = ScramAttributes.base64("signature", attributes.take('v'));
            attributes.skipRest();
            return MessageDigest.isEqual(signature, proven.serverSignature)
                    ? new Verified()
                    : failed("The server did not prove that it knows the user's SCRAM verifier");
        } catch (MalformedScram malformed) {
            return failed(malformed.reason());
        }
    }

    private Begin begin(String mechanism, String header, byte[] bindingInput, String bare, String nonce) {
        phase = new Started(bare, nonce, ScramAttributes.base64(bindingInput));
        return new Begin(mechanism, ScramAttributes.bytes(header + bare));
    }

    private static Asked asked(Started started, String serverFirst) throws MalformedScram {
        refuseError(serverFirst);
        ScramAttributes attributes = ScramAttributes.of(serverFirst, 0);
        String nonce = attributes.take('r');
        byte[] salt = ScramAttributes.base64("salt", attributes.take('s'));
        int iterations = ScramAttributes.positiveNumber(attributes.take('i'));
        attributes.skipRest();
        ScramAttributes.requireNonce(nonce);
        if (!nonce.startsWith(started.nonce) || nonce.length() == started.nonce.length()) {
            throw new MalformedScram("The server's SCRAM nonce does not continue ours");
        }
        if (nonce.length() > MAX_NONCE_CHARACTERS) {
            throw new MalformedScram("The server's SCRAM nonce has " + nonce.length() + " characters, more than the "
                    + MAX_NONCE_CHARACTERS + " allowed");
        }
        if (iterations == 0 || iterations > MAX_ITERATIONS) {
            throw new MalformedScram(
                    "The server's count of SCRAM iterations is not a number from 1 to " + MAX_ITERATIONS);
        }
        return new Asked(started, serverFirst, nonce, new DeriveKeys(salt, iterations));
    }

    private static void refuseError(String message) throws MalformedScram {
        if (message.startsWith("e=")) {
            throw new MalformedScram("The server refused the SCRAM login: " + quotable(message.substring(2)));
        }
    }

    /** Fit for a log and a message: short, and printable ASCII. */
    private static String quotable(String text) {
        StringBuilder quotable = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), MAX_QUOTED_CHARACTERS); i++) {
            char c = text.charAt(i);
            quotable.append(c >= ' ' && c <= '~' ? c : '?');
        }
        return quotable.toString();
    }

    private Failed failed(String message) {
        phase = new Ended();
        return new Failed(message);
    }

    @Override
    public String toString() {
        return "ScramClientExchange[" + phase.getClass().getSimpleName() + "]";
    }
}
