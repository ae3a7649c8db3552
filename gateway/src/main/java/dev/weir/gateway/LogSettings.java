package dev.weir.gateway;

import java.time.Duration;

/**
 * What the log says of clients.
 *
 * @param connections whether it has a line for each client that comes, and for each that leaves by itself
 * @param slowCheckout a client that has waited so long for a server connection is worth a line; zero: none is
 * @param slowQuery a statement that has taken so long is worth a line; zero: none is
 */
public record LogSettings(boolean connections, Duration slowCheckout, Duration slowQuery) {}
