/**
 * What tests of a Postgres pooler need: real Postgres, scripted clients and servers, a proxy that makes faults, and a
 * catalogue of conversations to hold side by side. Everything here blocks: a type runs on the test's thread, and the
 * servers and proxies run their connections on virtual threads of their own, which their {@code close} ends.
 */
@NullMarked
package dev.weir.testkit;

import org.jspecify.annotations.NullMarked;
