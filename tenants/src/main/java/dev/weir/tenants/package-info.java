/**
 * What a tenant is: its Postgres, its users and their secrets, its limits. Immutable records only, so they may be read
 * from any thread; a change of configuration is a new record.
 */
@NullMarked
package dev.weir.tenants;

import org.jspecify.annotations.NullMarked;
