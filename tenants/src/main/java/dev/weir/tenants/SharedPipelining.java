package dev.weir.tenants;

/**
 * Whether short reading statements of several clients may stand one behind another on a server connection.
 *
 * @param enabled false lends every server connection to one client at a time
 * @param depth statements that may stand on a server connection at once; at least 2
 */
public record SharedPipelining(boolean enabled, int depth) {
    public static final SharedPipelining DEFAULTS = new SharedPipelining(true, 64);
}
