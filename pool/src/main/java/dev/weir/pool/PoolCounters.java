package dev.weir.pool;

/**
 * What has happened since a pool was made, for the console and the metrics. Confined to its lane; a copy is for whoever
 * looks from elsewhere. Times are in nanoseconds.
 */
public final class PoolCounters {
    long assignments;
    long transactions;
    long queries;
    long bytesFromClients;
    long bytesToClients;
    long transactionNanos;
    long queryNanos;
    long waitNanos;
    long clientParses;
    long serverParses;
    long binds;
    long logins;
    long rides;
    long repeats;

    /** Server connections that were lent. */
    public long assignments() {
        return assignments;
    }

    /** Transactions that have come to their end, those of one statement among them. */
    public long transactions() {
        return transactions;
    }

    /** Requests that were answered up to ReadyForQuery. */
    public long queries() {
        return queries;
    }

    public long bytesFromClients() {
        return bytesFromClients;
    }

    public long bytesToClients() {
        return bytesToClients;
    }

    /** For how long server connections were lent. */
    public long transactionNanos() {
        return transactionNanos;
    }

    /** For how long servers were busy with requests. */
    public long queryNanos() {
        return queryNanos;
    }

    /** For how long clients waited for a server connection. */
    public long waitNanos() {
        return waitNanos;
    }

    /** Named Parse messages that clients sent. */
    public long clientParses() {
        return clientParses;
    }

    /** Named Parse messages that servers were sent for them. */
    public long serverParses() {
        return serverParses;
    }

    public long binds() {
        return binds;
    }

    /** Clients that have logged in. */
    public long logins() {
        return logins;
    }

    /** Statements that were sent behind another client's. */
    public long rides() {
        return rides;
    }

    /** Of those, the ones that were sent again since something befell the server connection that they shared. */
    public long repeats() {
        return repeats;
    }

    /** Adds those of another. */
    public void add(PoolCounters more) {
        assignments += more.assignments;
        transactions += more.transactions;
        queries += more.queries;
        bytesFromClients += more.bytesFromClients;
        bytesToClients += more.bytesToClients;
        transactionNanos += more.transactionNanos;
        queryNanos += more.queryNanos;
        waitNanos += more.waitNanos;
        clientParses += more.clientParses;
        serverParses += more.serverParses;
        binds += more.binds;
        logins += more.logins;
        rides += more.rides;
        repeats += more.repeats;
    }

    /** As they are now. */
    public PoolCounters copy() {
        PoolCounters copy = new PoolCounters();
        copy.add(this);
        return copy;
    }
}
