package dev.weir.pool;

import dev.weir.tenants.Secret;
import dev.weir.wire.auth.ScramKeys;
import org.jspecify.annotations.Nullable;

/**
 * As whom a pool logs in to its server, and the SCRAM keys once they are known: derived from the password, or recovered
 * from the proof of a client. Confined to a lane.
 */
final class UpstreamLogin {
    private final String user;
    private final String database;
    private final @Nullable String password;
    private @Nullable ScramKeys keys;

    UpstreamLogin(String user, String database, Secret secret) {
        this.user = user;
        this.database = database;
        this.password = secret instanceof Secret.Password clear ? clear.value() : null;
    }

    String user() {
        return user;
    }

    String database() {
        return database;
    }

    /** The password in clear; null if only keys can be had. */
    @Nullable
    String password() {
        return password;
    }

    /** Keys for any salt; whether they fit is asked of them. */
    @Nullable
    ScramKeys keys() {
        return keys;
    }

    void remember(ScramKeys newKeys) {
        keys = newKeys;
    }
}
