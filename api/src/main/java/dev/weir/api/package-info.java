/**
 * What Weir says over HTTP. It knows the rooms below by small interfaces only, and runs on an event loop of its own, so
 * that no request ever waits for a lane or makes one wait.
 */
@NullMarked
package dev.weir.api;

import org.jspecify.annotations.NullMarked;
