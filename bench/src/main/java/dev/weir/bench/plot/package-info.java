/** Line plots as SVG, written by hand, without a library. Nothing here knows what is plotted; any thread. */
@NullMarked
package dev.weir.bench.plot;

import org.jspecify.annotations.NullMarked;
