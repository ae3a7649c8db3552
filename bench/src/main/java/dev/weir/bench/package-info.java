/**
 * The benchmark behind {@code ./weir bench}: pgbench and a small Postgres client of its own drive direct Postgres, PgBouncer
 * and Weir in turn, and the report sets them side by side. Everything runs on the main thread, but for the workers of the
 * connect scenario, which are threads of their own and share nothing until they are joined, and the shutdown hook that ends
 * the child processes.
 */
@NullMarked
package dev.weir.bench;

import org.jspecify.annotations.NullMarked;
