/**
 * Clients: listeners, TLS, login, the walk of their frames to server connections and back, cancel requests. A client is
 * greeted on the lane that accepted it, then moves to its tenant's lane and is confined to that one.
 */
@NullMarked
package dev.weir.gateway;

import org.jspecify.annotations.NullMarked;
