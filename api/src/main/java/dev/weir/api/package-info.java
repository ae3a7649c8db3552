/**
 * What Weir says over HTTP. It runs on an event loop of its own, and what takes longer on virtual threads, so that no request
 * ever waits for a lane or makes one wait.
 */
@NullMarked
package dev.weir.api;

import org.jspecify.annotations.NullMarked;
