package dev.weir.app.importing;

import java.util.Map;

/**
 * A user whom a tenant needs.
 *
 * @param why where the user is named, for the report
 * @param settings what PgBouncer's section {@code [users]} says of the user, by key
 */
record Account(String name, StoredSecret secret, Place why, Map<String, Value> settings) {}
