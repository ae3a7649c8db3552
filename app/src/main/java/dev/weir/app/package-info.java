/**
 * The command line and the wiring: everything is made here, by constructors, and ended here. Runs on the main thread.
 */
@NullMarked
package dev.weir.app;

import org.jspecify.annotations.NullMarked;
