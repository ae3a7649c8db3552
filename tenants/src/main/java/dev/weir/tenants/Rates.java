package dev.weir.tenants;

/**
 * What a tenant's clients may do in a second, all together; 0 is no limit.
 *
 * @param newConnections logins that succeed
 * @param transactions server connections lent: transactions of transaction mode, and sessions of session mode
 * @param bytes from and to clients, without TLS
 */
public record Rates(int newConnections, int transactions, long bytes) {
    public static final Rates NONE = new Rates(0, 0, 0);
}
