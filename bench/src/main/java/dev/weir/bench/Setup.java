package dev.weir.bench;

import java.io.IOException;
import java.util.Optional;

/**
 * What a pooler is set in front of.
 *
 * @param postgresPort where it reaches Postgres on 127.0.0.1
 * @param poolSize its server connections
 * @param tls what it shows to clients, who then have to use TLS; empty if they come without
 */
record Setup(int postgresPort, int poolSize, Optional<TlsFiles> tls) {
    Setup(int postgresPort, int poolSize) {
        this(postgresPort, poolSize, Optional.empty());
    }

    /** How its clients connect, each time anew. */
    Connector connector() throws IOException, BenchFailure {
        return tls.isPresent() ? new ClientTls(tls.get(), false) : Connector.PLAIN;
    }
}
