/**
 * What Weir says of itself in numbers. Lanes are asked for a view of what they hold, and everything else happens on the
 * virtual thread of the scrape: nothing is registered, and a series exists as long as what it is about.
 */
@NullMarked
package dev.weir.api.metrics;

import org.jspecify.annotations.NullMarked;
