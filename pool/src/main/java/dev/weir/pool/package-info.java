/**
 * Server connections of one (tenant, database, user): opened, lent to clients, cleaned, closed, with a queue of clients
 * that wait. Everything here is confined to the tenant's lane, and asserts it where it is entered.
 */
@NullMarked
package dev.weir.pool;

import org.jspecify.annotations.NullMarked;
