/**
 * Reads {@code weir.toml} into immutable records, or into the list of all its faults with line, key and reason. It reads
 * files and is called by the main thread at start, and by a control-plane thread on a reload; never on a lane.
 */
@NullMarked
package dev.weir.app.config;

import org.jspecify.annotations.NullMarked;
