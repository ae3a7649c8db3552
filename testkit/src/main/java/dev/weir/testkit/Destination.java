package dev.weir.testkit;

import org.jspecify.annotations.Nullable;

/** Where to log in, and as whom; a null password is for trust. */
public record Destination(
        String host, int port, String user, @Nullable String password, String database) {
    /** The same login at another address, for example the pooler's. */
    public Destination at(String otherHost, int otherPort) {
        return new Destination(otherHost, otherPort, user, password, database);
    }

    /** The same address and database as another user. */
    public Destination as(String otherUser, @Nullable String otherPassword) {
        return new Destination(host, port, otherUser, otherPassword, database);
    }

    /** A client that is connected and logged in. */
    public PgClient login() {
        PgClient client = PgClient.connect(host, port);
        try {
            return client.login(user, password, database);
        } catch (AssertionError e) {
            client.close();
            throw e;
        }
    }

    @Override
    public String toString() {
        return user + "@" + host + ":" + port + "/" + database;
    }
}
