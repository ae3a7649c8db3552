package dev.weir.gateway;

import dev.weir.pool.OwnQuery;
import dev.weir.wire.Failure;
import dev.weir.wire.PgError;
import org.jspecify.annotations.Nullable;

/** What makes a server connection a new client's session; if it fails, the client can't have it. */
final class SessionBegin implements OwnQuery {
    private final ClientSession.Client client;
    private @Nullable PgError error;

    SessionBegin(ClientSession.Client client) {
        this.client = client;
    }

    @Override
    public void onError(PgError failure) {
        error = failure;
    }

    @Override
    public void onAnswered() {
        // the session has begun
    }

    @Override
    public void onUndone() {
        if (error != null) {
            client.fail(new Failure.ParametersLost(error.message()).toPgError());
        }
    }
}
