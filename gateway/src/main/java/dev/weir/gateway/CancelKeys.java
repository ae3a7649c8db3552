package dev.weir.gateway;

import dev.weir.wire.ProtocolVersion;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The keys by which clients may be canceled. Read and written once a login and once a cancel, from any lane. */
final class CancelKeys {
    private static final int KEY_LENGTH_3_0 = 4;
    private static final int KEY_LENGTH_3_2 = 32;

    /**
     * What BackendKeyData tells a client.
     *
     * @param processId unique in this process, positive
     */
    record CancelKey(int processId, byte[] secret) {
        @Override
        public String toString() {
            return "CancelKey[" + processId + "]";
        }
    }

    /** Whom a key belongs to. */
    interface Target {
        CancelKey cancelKey();

        /** @param done called when the cancel has taken its course; from any thread */
        void cancel(Runnable done);
    }

    private final ConcurrentMap<Integer, Target> targets = new ConcurrentHashMap<>();
    private final SecureRandom random;

    CancelKeys(SecureRandom random) {
        this.random = random;
    }

    /** A new key, not in use, that only its client can know. */
    CancelKey create(ProtocolVersion version) {
        int length = version.minor() >= 2 ? KEY_LENGTH_3_2 : KEY_LENGTH_3_0;
        byte[] secret = new byte[length];
        random.nextBytes(secret);
        int processId;
        do {
            processId = random.nextInt(1, Integer.MAX_VALUE);
        } while (targets.containsKey(processId));
        return new CancelKey(processId, secret);
    }

    void add(Target target) {
        targets.put(target.cancelKey().processId(), target);
    }

    void remove(Target target) {
        targets.remove(target.cancelKey().processId(), target);
    }

    /** Cancels what the holder of this key runs. A wrong key does nothing; the time taken does not depend on how wrong. */
    void cancel(int processId, byte[] secret, Runnable done) {
        Target target = targets.get(processId);
        if (target != null && MessageDigest.isEqual(target.cancelKey().secret(), secret)) {
            target.cancel(done);
        } else {
            done.run();
        }
    }
}
