package dev.weir.wire.auth;

import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;

/**
 * What both halves of an exchange have said, which they sign: the AuthMessage of RFC 5802, section 3. Its texts are ISO
 * 8859-1 readings of the bytes sent.
 */
final class Transcript {

    private final byte[] authMessage;

    Transcript(String clientFirstBare, String serverFirst, String clientFinalWithoutProof) {
        authMessage = ScramAttributes.bytes(clientFirstBare + ',' + serverFirst + ',' + clientFinalWithoutProof);
    }

    /**
     * Turns the client's key into its proof, and its proof into its key: the signature is laid over either of them.
     *
     * @param storedKey the hash of the client's key
     */
    byte[] overlay(byte[] keyOrProof, byte[] storedKey) {
        byte[] signature = ScramFunctions.hmac(ScramMechanism.SCRAM_SHA_256, storedKey, authMessage);
        return ScramFunctions.clientProof(keyOrProof, signature);
    }

    byte[] serverSignature(byte[] serverKey) {
        return ScramFunctions.hmac(ScramMechanism.SCRAM_SHA_256, serverKey, authMessage);
    }
}
