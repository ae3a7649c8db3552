/**
 * The Postgres protocol 3.0 to 3.2: framing, the messages that are read or written here, login arithmetic, errors as
 * values. Nothing here knows a socket; what holds state is confined to the lane of its connection.
 */
@NullMarked
package dev.weir.wire;

import org.jspecify.annotations.NullMarked;
