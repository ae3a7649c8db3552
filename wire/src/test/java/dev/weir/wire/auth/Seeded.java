package dev.weir.wire.auth;

import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Random;

/** Randomness of tests: printed, and replayed with {@code -Dweir.seed=…}. */
final class Seeded {

    private static final String[] ALPHABETS = {
        "abcXYZ019 !$,=\\",
        "\u00e4\u00f6\u00fc\u00df\u00c5\u212b",
        "\u00a0\u2003\u00ad\u200b\u2168\u2460\ufb01",
        "\u0627\u0644\u05d0\u05d1",
        "\u6f22\u5b57\u304b\u3099\ud55c",
        "\u0301\u0323\u034f\u1d2c",
        "\ud83d\udd11\ud83d\ude00",
        "\u0007\u007f\ue000",
    };

    private Seeded() {}

    static Random random(String test) {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        System.out.println(test + ": -Dweir.seed=" + seed);
        return new Random(seed);
    }

    /** A nonce source that always gives the same for the same seed. */
    static SecureRandom nonces(long seed) {
        try {
            SecureRandom random = SecureRandom.getInstance("SHA1PRNG");
            random.setSeed(seed);
            return random;
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Of one or two alphabets, so that SASLprep maps some, refuses others, and leaves some as they are. */
    static String password(Random random) {
        StringBuilder password = new StringBuilder();
        String one = ALPHABETS[random.nextInt(ALPHABETS.length)];
        String other = ALPHABETS[random.nextInt(ALPHABETS.length)];
        int length = 1 + random.nextInt(20);
        for (int i = 0; i < length; i++) {
            int[] from = (random.nextBoolean() ? one : other).codePoints().toArray();
            password.appendCodePoint(from[random.nextInt(from.length)]);
        }
        return password.toString();
    }
}
