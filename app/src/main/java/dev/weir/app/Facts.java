package dev.weir.app;

import dev.weir.api.metrics.ProcessFacts;
import dev.weir.api.metrics.Reloads;
import dev.weir.gateway.ClientTls;
import dev.weir.gateway.Gateway;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongSupplier;

/** What the metrics tell of this process, from those who know. Safe for all threads. */
record Facts(Gateway gateway, Operations operations, Optional<ClientTls> tls, LongSupplier leftOut)
        implements ProcessFacts {
    @Override
    public String version() {
        return Version.text();
    }

    @Override
    public boolean isReady() {
        return gateway.isListening();
    }

    @Override
    public Reloads reloads() {
        return operations.reloads();
    }

    @Override
    public long logLinesLeftOut() {
        return leftOut.getAsLong();
    }

    @Override
    public Optional<Instant> certificateEnd() {
        return tls.flatMap(ClientTls::certificateEnd);
    }
}
