package dev.weir.tenants;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A tenant's Postgres.
 *
 * @param endpoints at least one; tried in order until one accepts
 * @param tls what is asked of the server
 * @param authorities PEM file of the certificate authorities for the verify modes; empty takes the system's
 * @param connectTimeout from the first attempt to connect until the login is complete, over all endpoints and addresses
 */
public record Upstream(List<Endpoint> endpoints, UpstreamTls tls, Optional<Path> authorities, Duration connectTimeout) {
    public Upstream {
        endpoints = List.copyOf(endpoints);
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("an upstream needs an endpoint");
        }
    }
}
