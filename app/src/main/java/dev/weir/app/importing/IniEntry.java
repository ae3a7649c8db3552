package dev.weir.app.importing;

/**
 * One line {@code key = value} of PgBouncer's file.
 *
 * @param section the name between brackets before it; empty if there was none
 * @param value without the space around it; may be empty
 */
record IniEntry(Place place, String section, String key, String value) {}
