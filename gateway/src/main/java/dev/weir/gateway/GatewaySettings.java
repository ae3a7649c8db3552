package dev.weir.gateway;

import java.time.Duration;
import java.util.Optional;

/**
 * What all listeners share.
 *
 * @param backlog connections that the kernel keeps before they are accepted
 * @param loginTimeout from accept to the end of the login
 * @param tls empty refuses TLS; closed with the gateway
 * @param statsPeriod over how long the console's averages are taken
 */
public record GatewaySettings(int backlog, Duration loginTimeout, Optional<ClientTls> tls, Duration statsPeriod) {}
