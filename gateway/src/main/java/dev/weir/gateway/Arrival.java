package dev.weir.gateway;

import dev.weir.wire.ProtocolVersion;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a client when its startup message has been read.
 *
 * @param negotiation NegotiateProtocolVersion is due: the options that were not understood; null if nothing is to be said
 * @param startup parameters that the startup message sets, by lower-case name
 * @param loginDeadline by the clock of {@link System#nanoTime}
 * @param consoleUser the whole user name of one who wants the console; empty for all others
 */
record Arrival(
        LoginName name,
        ProtocolVersion version,
        java.util.@Nullable List<String> negotiation,
        Optional<ClientTls.Material> tls,
        Mode mode,
        Map<String, String> startup,
        long loginDeadline,
        Optional<String> consoleUser) {}
