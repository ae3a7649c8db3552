/**
 * The arithmetic of logging in: SCRAM-SHA-256 with and without channel binding, in both roles, and the older md5 answer;
 * bytes in, a value out, no socket and no waiting. An exchange is confined to the lane of its connection, all else is
 * immutable; only the {@code derive} methods are slow (milliseconds) and belong on a thread that is not a lane.
 */
@NullMarked
package dev.weir.wire.auth;

import org.jspecify.annotations.NullMarked;
