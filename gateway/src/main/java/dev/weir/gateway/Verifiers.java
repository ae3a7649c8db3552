package dev.weir.gateway;

import dev.weir.pool.Lane;
import dev.weir.tenants.Secret;
import dev.weir.wire.auth.ScramVerifier;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * What clients' passwords are compared with. A verifier of a password in clear costs milliseconds, so it is made once, off
 * the lanes, and kept. Users that do not exist get one that nothing fits, made the same way, so that neither the answer
 * nor its timing tells them apart. Safe for all threads.
 */
final class Verifiers {
    /** As Postgres' default of scram_iterations. */
    static final int ITERATIONS = 4096;

    private static final int MOCK_NONCE_LENGTH = 32;

    /** @param known false if every proof is to be rejected */
    record Candidate(ScramVerifier verifier, boolean known) {}

    private final byte[] mockNonce = new byte[MOCK_NONCE_LENGTH];

    /** Whose verifier it is: two users with one password must not share a salt, which would tell that they do. */
    private record Owner(String name, Secret secret) {}

    /** Entries of secrets that are no longer configured go with {@link #clear}. */
    private final ConcurrentMap<Owner, ScramVerifier> made = new ConcurrentHashMap<>();

    Verifiers(SecureRandom random) {
        random.nextBytes(mockNonce);
    }

    /**
     * Finds or makes the verifier.
     *
     * @param secret empty for an unknown user
     * @param name tells users, with their tenants, from each other: the same one always sees the same salt
     * @param then called on the lane, perhaps within this call; empty if too many are being made
     */
    void find(Lane lane, Optional<Secret> secret, String name, Consumer<Optional<Candidate>> then) {
        if (secret.isEmpty()) {
            then.accept(Optional.of(new Candidate(ScramVerifier.mock(mockNonce, name, ITERATIONS), false)));
            return;
        }
        Owner owner = new Owner(name, secret.get());
        ScramVerifier known = made.get(owner);
        if (known != null) {
            then.accept(Optional.of(new Candidate(known, true)));
            return;
        }
        try {
            lane.hashing().execute(() -> {
                ScramVerifier verifier = made.computeIfAbsent(owner, this::make);
                lane.loop().execute(() -> then.accept(Optional.of(new Candidate(verifier, true))));
            });
        } catch (RejectedExecutionException full) {
            then.accept(Optional.empty());
        }
    }

    void clear() {
        made.clear();
    }

    private ScramVerifier make(Owner owner) {
        return switch (owner.secret()) {
            case Secret.Password password -> {
                // The salt that an unknown user of that name would see: a name that only the console knows is not given
                // away by another salt there than at a database.
                byte[] salt =
                        ScramVerifier.mock(mockNonce, owner.name(), ITERATIONS).salt();
                yield ScramVerifier.derive(password.value(), salt, ITERATIONS);
            }
            case Secret.ScramVerifierText text ->
                ScramVerifier.parse(text.value())
                        .orElseThrow(
                                () -> new IllegalStateException("a verifier that was not checked when it was read"));
        };
    }
}
