package dev.weir.pool;

/**
 * What has happened since a pool was made, for the console and the metrics. Confined to its lane; a copy is for whoever
 * looks from elsewhere. Times are in nanoseconds.
 */
public final class PoolCounters {
    private long logins;
    private long departures;
    private long sessionLogins;
    private long sessionDepartures;
    private long cancels;

    long bytesFromClients;
    long bytesToClients;
    long bytesFromServers;
    long bytesToServers;
    long clientParses;
    long serverParses;
    long binds;
    long rides;
    long repeats;
    long statementHits;
    long statementMisses;
    long statementEvictions;
    long cancelsSent;

    private long assignedAtOnce;
    private final Durations loginTimes = new Durations();
    private final Durations waits = new Durations();
    private final Durations transactions = new Durations();
    private final Durations queries = new Durations();
    final Durations connectTimes = new Durations();

    private final Tally errors = new Tally();
    private final Tally refusals = new Tally();
    private final Tally pins = new Tally();
    final Tally openFailures = new Tally();

    /** Why a request got no server connection. */
    public enum Refused {
        /** The queue's time limit. */
        QUEUE_TIMEOUT,
        /** None could be opened. */
        NO_SERVER,
        /** The client canceled it while it waited. */
        CANCELED,
        /** The pool was closed. */
        CLOSED
    }

    // ---- what happens to clients

    /**
     * A client has logged in.
     *
     * @param session in session mode
     * @param nanos from the moment when it was accepted
     */
    public void onLogin(boolean session, long nanos) {
        logins++;
        sessionLogins += session ? 1 : 0;
        loginTimes.record(nanos);
    }

    /** One of those has left. */
    public void onDeparture(boolean session) {
        departures++;
        sessionDepartures += session ? 1 : 0;
    }

    public void onBytesFromClient(int count) {
        bytesFromClients += count;
    }

    public void onBytesToClient(int count) {
        bytesToClients += count;
    }

    /** A client has sent a Parse with a name. */
    public void onClientParse() {
        clientParses++;
    }

    /** What it would prepare is there already. */
    public void onStatementHit() {
        statementHits++;
    }

    /** A client keeps its server connection from now on. */
    public void onPin(String reason) {
        pins.count(reason);
    }

    public void onRefusal(Refused why) {
        refusals.count(why.name());
    }

    /** A cancel request with the key of a client has come. */
    public void onCancel() {
        cancels++;
    }

    // ---- what happens to server connections

    /** One was lent to a client, which has waited so long; less than 0 if it had not to. */
    void onLent(long waitedNanos) {
        assignedAtOnce += waitedNanos < 0 ? 1 : 0;
        waits.record(Math.max(waitedNanos, 0));
    }

    void onQuery(long nanos) {
        queries.record(nanos);
    }

    void onTransaction(long nanos) {
        transactions.record(nanos);
    }

    void onError(String sqlstate) {
        errors.count(SqlstateKinds.of(sqlstate));
    }

    // ---- what has happened

    /** Server connections that were lent to clients. */
    public long assignments() {
        return waits.count();
    }

    /** Of those, the ones for which the client did not have to wait. */
    public long assignmentsAtOnce() {
        return assignedAtOnce;
    }

    /** Transactions that have come to their end, those of one statement among them. */
    public long transactions() {
        return transactions.count();
    }

    /** Requests that were answered up to ReadyForQuery. */
    public long queries() {
        return queries.count();
    }

    public long bytesFromClients() {
        return bytesFromClients;
    }

    public long bytesToClients() {
        return bytesToClients;
    }

    public long bytesFromServers() {
        return bytesFromServers;
    }

    public long bytesToServers() {
        return bytesToServers;
    }

    /** From the first request of each transaction to the ReadyForQuery behind it, without the time in the queue. */
    public long transactionNanos() {
        return transactions.sumNanos();
    }

    /** For how long servers were busy with requests. */
    public long queryNanos() {
        return queries.sumNanos();
    }

    /** For how long clients waited that were lent a server connection in the end. */
    public long waitNanos() {
        return waits.sumNanos();
    }

    /** Named Parse messages that clients of transaction mode sent. */
    public long clientParses() {
        return clientParses;
    }

    /** Parse messages that servers were sent for named statements. */
    public long serverParses() {
        return serverParses;
    }

    public long binds() {
        return binds;
    }

    /** How often a named statement was wanted on a server connection that had it. */
    public long statementHits() {
        return statementHits;
    }

    /** How often one was wanted on a server connection that did not have it. */
    public long statementMisses() {
        return statementMisses;
    }

    /** Statements that were closed on a server connection to make room for another. */
    public long statementEvictions() {
        return statementEvictions;
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

    /** Of those, the ones that have left. */
    public long departures() {
        return departures;
    }

    /** Clients of session mode that have logged in. */
    public long sessionLogins() {
        return sessionLogins;
    }

    /** Of those, the ones that have left. */
    public long sessionDepartures() {
        return sessionDepartures;
    }

    /** Cancel requests of clients. */
    public long cancels() {
        return cancels;
    }

    /** Cancel requests to servers, for clients and for what clients left running. */
    public long cancelsSent() {
        return cancelsSent;
    }

    /** Server connections that could not be opened, by SQLSTATE. */
    public Tally openFailures() {
        return openFailures;
    }

    /** Errors that servers have sent to clients, by SQLSTATE. */
    public Tally errors() {
        return errors;
    }

    /** Requests that got no server connection, by {@link Refused}. */
    public Tally refusals() {
        return refusals;
    }

    /** Clients that began to keep their server connection, by reason. */
    public Tally pins() {
        return pins;
    }

    /** From accept to the first ReadyForQuery. */
    public Durations loginTimes() {
        return loginTimes;
    }

    /** How long clients waited for a server connection; 0 for those that got one at once. */
    public Durations waitTimes() {
        return waits;
    }

    /** See {@link #transactionNanos}. */
    public Durations transactionTimes() {
        return transactions;
    }

    /** See {@link #queryNanos}. */
    public Durations queryTimes() {
        return queries;
    }

    /** From connect to the end of the login at the server. */
    public Durations connectTimes() {
        return connectTimes;
    }

    /** Adds those of another. */
    public void add(PoolCounters more) {
        logins += more.logins;
        departures += more.departures;
        sessionLogins += more.sessionLogins;
        sessionDepartures += more.sessionDepartures;
        cancels += more.cancels;
        bytesFromClients += more.bytesFromClients;
        bytesToClients += more.bytesToClients;
        bytesFromServers += more.bytesFromServers;
        bytesToServers += more.bytesToServers;
        clientParses += more.clientParses;
        serverParses += more.serverParses;
        binds += more.binds;
        rides += more.rides;
        repeats += more.repeats;
        statementHits += more.statementHits;
        statementMisses += more.statementMisses;
        statementEvictions += more.statementEvictions;
        cancelsSent += more.cancelsSent;
        assignedAtOnce += more.assignedAtOnce;
        loginTimes.add(more.loginTimes);
        waits.add(more.waits);
        transactions.add(more.transactions);
        queries.add(more.queries);
        connectTimes.add(more.connectTimes);
        errors.add(more.errors);
        refusals.add(more.refusals);
        pins.add(more.pins);
        openFailures.add(more.openFailures);
    }

    /** As they are now. */
    public PoolCounters copy() {
        PoolCounters copy = new PoolCounters();
        copy.add(this);
        return copy;
    }
}
