/**
 * Makes a {@code weir.toml} of PgBouncer's configuration, and a report of what became of each of its settings. Runs on the
 * thread of the command line; every type is for one import and confined to it.
 */
@NullMarked
package dev.weir.app.importing;

import org.jspecify.annotations.NullMarked;
