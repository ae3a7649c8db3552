package dev.weir.wire.auth;

import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import dev.weir.wire.Sqlstate;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The server's half of one SCRAM-SHA-256 login: offers {@link #mechanisms}, answers the client's first message with a
 * challenge, and judges its final one. It costs a few HMACs, whatever the count of iterations, so it runs on the lane of
 * its connection. What a client sends never makes it throw; calling it out of order does. An unknown user goes through
 * the same steps at the same cost and is rejected at the same place. Source: RFC 5802, RFC 7677, and PostgreSQL manual,
 * SASL Authentication.
 */
public final class ScramServerExchange {

    /** The most bytes that a message of the client may have, as in Postgres. */
    public static final int MAX_CLIENT_MESSAGE_BYTES = 1024;

    private final ScramVerifier verifier;
    private final boolean known;
    private final ChannelBinding binding;
    private final SecureRandom random;
    private boolean begun;
    private @Nullable Challenge challenge;

    /** What has been said so far, for the final message: its nonce and binding must be these, its proof covers the rest. */
    private record Challenge(String clientFirstBare, String serverFirst, String nonce, String binding, boolean plus) {}

    /** What follows from the client's first message. */
    public sealed interface FirstReply {}

    /** What follows from the client's final message. */
    public sealed interface FinalReply {}

    /** The challenge, to be sent in AuthenticationSASLContinue. */
    @SuppressWarnings("ArrayRecordComponent") // read once, never compared
    public record Continue(byte[] serverFirst) implements FirstReply {}

    /**
     * The password is right: the proof of it goes out in AuthenticationSASLFinal, then AuthenticationOk.
     *
     * @param keys recovered from the client's proof, which log in to a server with the same verifier
     */
    @SuppressWarnings("ArrayRecordComponent") // read once, never compared
    public record Accepted(byte[] serverFinal, ScramKeys keys) implements FinalReply {}

    /** The password is wrong or the user unknown; which of them is not told. The answer is SQLSTATE 28P01. */
    public record Rejected() implements FinalReply {}

    /** The client broke the protocol, or demands what is not supported; the login is over. */
    public record Violation(Sqlstate sqlstate, String message) implements FirstReply, FinalReply {}

    /**
     * @param verifier that of the user, or {@link ScramVerifier#mock} of an unknown one
     * @param known false for a user that must be rejected whatever its proof
     * @param binding that of the client's connection, or {@link ChannelBinding.None}
     * @param random source of the nonce; shared sources are fine, blocking ones are not
     */
    public ScramServerExchange(ScramVerifier verifier, boolean known, ChannelBinding binding, SecureRandom random) {
        this.verifier = verifier;
        this.known = known;
        this.binding = binding;
        this.random = random;
    }

    /** The mechanisms to offer in AuthenticationSASL, best first. */
    public List<String> mechanisms() {
        return binding instanceof ChannelBinding.ServerEndPoint
                ? List.of(SaslMechanisms.SCRAM_SHA_256_PLUS, SaslMechanisms.SCRAM_SHA_256)
                : List.of(SaslMechanisms.SCRAM_SHA_256);
    }

    /**
     * Takes what SASLInitialResponse carries. The user name in it is ignored, as in Postgres: that of the startup message
     * counts.
     *
     * @throws IllegalStateException if called twice
     */
    public FirstReply clientFirst(String mechanism, byte[] data) {
        if (begun) {
            throw new IllegalStateException("The client's first message has been taken already");
        }
        begun = true;
        try {
            if (!mechanisms().contains(mechanism)) {
                throw new MalformedScram("The client selected a SASL mechanism that was not offered");
            }
            Challenge made = challenge(
                    mechanism.equals(SaslMechanisms.SCRAM_SHA_256_PLUS),
                    ScramAttributes.text(data, MAX_CLIENT_MESSAGE_BYTES));
            challenge = made;
            return new Continue(ScramAttributes.bytes(made.serverFirst));
        } catch (MalformedScram malformed) {
            return new Violation(malformed.sqlstate(), malformed.reason());
        }
    }

    /**
     * Takes what SASLResponse carries, once.
     *
     * @throws IllegalStateException unless the last reply was {@link Continue}
     */
    public FinalReply clientFinal(byte[] data) {
        Challenge asked = challenge;
        if (asked == null) {
            throw new IllegalStateException("No challenge is open");
        }
        challenge = null;
        try {
            return judge(asked, ScramAttributes.text(data, MAX_CLIENT_MESSAGE_BYTES));
        } catch (MalformedScram malformed) {
            return new Violation(malformed.sqlstate(), malformed.reason());
        }
    }

    private Challenge challenge(boolean plus, String clientFirst) throws MalformedScram {
        int flagEnd = clientFirst.indexOf(',');
        if (flagEnd < 0) {
            throw new MalformedScram("SCRAM message has no gs2 header");
        }
        requireFlag(clientFirst.substring(0, flagEnd), plus);
        int bareStart = flagEnd + 2;
        if (clientFirst.startsWith("a=", flagEnd + 1)) {
            throw new MalformedScram(
                    Sqlstate.FEATURE_NOT_SUPPORTED,
                    "The client asks for another SCRAM identity, which is not supported");
        }
        if (!clientFirst.startsWith(",", flagEnd + 1)) {
            throw new MalformedScram("SCRAM message has a malformed gs2 header");
        }
        ScramAttributes attributes = ScramAttributes.of(clientFirst, bareStart);
        attributes.take('n');
        String clientNonce = attributes.take('r');
        ScramAttributes.requireNonce(clientNonce);
        attributes.skipRest();

        String nonce = clientNonce + ScramAttributes.nonce(random);
        String serverFirst =
                "r=" + nonce + ",s=" + ScramAttributes.base64(verifier.salt()) + ",i=" + verifier.iterations();
        String bindingInput = bindingInput(clientFirst.substring(0, bareStart), plus);
        return new Challenge(clientFirst.substring(bareStart), serverFirst, nonce, bindingInput, plus);
    }

    /** The gs2 flag: n, the client cannot bind; y, it can but believes that we cannot; p, it binds. */
    private void requireFlag(String flag, boolean plus) throws MalformedScram {
        if (flag.startsWith("p=")) {
            if (!plus) {
                throw new MalformedScram("The client binds to its channel, but selected a mechanism without binding");
            }
            if (!flag.equals("p=" + ChannelBinding.ServerEndPoint.NAME)) {
                throw new MalformedScram("The client asks for a channel binding other than tls-server-end-point");
            }
        } else if (!flag.equals("n") && !flag.equals("y")) {
            throw new MalformedScram("SCRAM message has an unknown channel binding flag");
        } else if (plus) {
            throw new MalformedScram("The client selected SCRAM-SHA-256-PLUS, but does not bind to its channel");
        } else if (flag.equals("y") && binding instanceof ChannelBinding.ServerEndPoint) {
            throw new MalformedScram(
                    Sqlstate.INVALID_AUTHORIZATION_SPECIFICATION,
                    "The client believes that channel binding is not offered here, but it is: somebody may stand between");
        }
    }

    private String bindingInput(String gs2Header, boolean plus) {
        byte[] header = ScramAttributes.bytes(gs2Header);
        return ScramAttributes.base64(
                plus && binding instanceof ChannelBinding.ServerEndPoint endPoint ? endPoint.after(header) : header);
    }

    private FinalReply judge(Challenge asked, String clientFinal) throws MalformedScram {
        ScramAttributes attributes = ScramAttributes.of(clientFinal, 0);
        if (!attributes.take('c').equals(asked.binding)) {
            throw asked.plus
                    ? new MalformedScram(
                            Sqlstate.INVALID_AUTHORIZATION_SPECIFICATION,
                            "The client is bound to another channel than this: somebody may stand between")
                    : new MalformedScram("SCRAM message has a channel binding that does not fit the first message");
        }
        if (!attributes.take('r').equals(asked.nonce)) {
            throw new MalformedScram("SCRAM message has a nonce that was not asked for");
        }
        if (!attributes.skipTo('p')) {
            throw new MalformedScram("SCRAM message has no proof");
        }
        String withoutProof = clientFinal.substring(0, attributes.position() - 1);
        byte[] proof = ScramAttributes.base64("proof", attributes.take('p'));
        attributes.expectEnd();
        if (proof.length != ScramVerifier.KEY_BYTES) {
            throw new MalformedScram("SCRAM message has a proof of " + proof.length + " bytes");
        }
        return verdict(new Transcript(asked.clientFirstBare, asked.serverFirst, withoutProof), proof);
    }

    /** The same work for known and unknown users, up to the verdict. */
    private FinalReply verdict(Transcript transcript, byte[] proof) {
        byte[] storedKey = verifier.storedKey();
        byte[] clientKey = transcript.overlay(proof, storedKey);
        byte[] hashed = ScramFunctions.storedKey(ScramMechanism.SCRAM_SHA_256, clientKey);
        byte[] signature = transcript.serverSignature(verifier.serverKey());
        boolean proven = MessageDigest.isEqual(hashed, storedKey);
        if (!proven || !known) {
            return new Rejected();
        }
        ScramKeys keys =
                new ScramKeys(clientKey, storedKey, verifier.serverKey(), verifier.salt(), verifier.iterations());
        return new Accepted(ScramAttributes.bytes("v=" + ScramAttributes.base64(signature)), keys);
    }

    @Override
    public String toString() {
        return "ScramServerExchange[" + (challenge == null ? "no challenge open" : "challenge open") + "]";
    }
}
