/**
 * The console: who logs in to database {@code pgbouncer} or {@code weir} sees and steers Weir by the commands of
 * PgBouncer's console, in the simple and the extended protocol. A session is confined to its client's lane; what it shows
 * is looked at on each lane for itself and put together off the lanes.
 */
@NullMarked
package dev.weir.gateway.console;

import org.jspecify.annotations.NullMarked;
