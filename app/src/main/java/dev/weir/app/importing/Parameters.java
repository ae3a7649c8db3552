package dev.weir.app.importing;

import static dev.weir.app.importing.Outcome.CHANGED;
import static dev.weir.app.importing.Outcome.LOST;
import static dev.weir.app.importing.Outcome.TAKEN;

import java.util.List;
import java.util.Optional;

/** The keys of PgBouncer's databases, users and peers, and what becomes of each. */
final class Parameters {
    private static final String BY_ROLE =
            "Set it in Postgres for the role or the database: `ALTER ROLE ... SET`, `ALTER DATABASE ... SET`.";
    private static final String OF_TENANT = " of the tenant; if its databases differ, ";
    private static final String OF_USER = " of the `[[tenant.user]]`";

    static final List<Parameter> OF_DATABASE = List.of(
            new Parameter(
                    "host",
                    TAKEN,
                    "`host` of the tenant: databases with the same hosts and port are one tenant; without it, the Unix socket in `unix_socket_dir`"),
            new Parameter("port", TAKEN, "`port` of the tenant"),
            new Parameter("dbname", CHANGED, "Clients must ask for this name: Weir has no other names for databases"),
            new Parameter(
                    "user",
                    CHANGED,
                    "A `[[tenant.user]]`: clients must log in as this user, since a user is the same towards clients and Postgres"),
            new Parameter("password", CHANGED, "`password` of that user, also towards clients"),
            new Parameter("pool_size", TAKEN, "`pool_size`" + OF_TENANT + "the largest"),
            new Parameter("min_pool_size", TAKEN, "`min_pool_size`" + OF_TENANT + "the largest"),
            new Parameter("reserve_pool_size", TAKEN, "`reserve_pool_size`" + OF_TENANT + "the largest"),
            new Parameter("reserve_pool", TAKEN, "The older name of `reserve_pool_size`"),
            new Parameter("server_lifetime", TAKEN, "`server_lifetime`" + OF_TENANT + "the shortest"),
            new Parameter("query_wait_timeout", TAKEN, "`queue_timeout`" + OF_TENANT + "the longest"),
            new Parameter(
                    "pool_mode",
                    CHANGED,
                    "The mode is a matter of the port: clients of this database must use the one that the report names"),
            new Parameter(
                    "max_db_connections",
                    CHANGED,
                    "`max_server_connections` of a tenant whose databases all have it: the sum of theirs; and `pool_size` is at most that"),
            new Parameter(
                    "max_db_client_connections",
                    LOST,
                    "Clients are limited by tenant (`max_clients`), not by database."),
            new Parameter("auth_user", LOST, "Weir looks nobody up: write each user as a `[[tenant.user]]`."),
            new Parameter("auth_query", LOST, "Weir looks nobody up: write each user as a `[[tenant.user]]`."),
            new Parameter("auth_dbname", LOST, "Weir looks nobody up: write each user as a `[[tenant.user]]`."),
            new Parameter("connect_query", LOST, BY_ROLE),
            new Parameter("client_encoding", LOST, BY_ROLE),
            new Parameter("datestyle", LOST, BY_ROLE),
            new Parameter("timezone", LOST, BY_ROLE),
            new Parameter("application_name", LOST, BY_ROLE),
            new Parameter("load_balance_hosts", LOST, "Of several hosts Weir takes the first that accepts."),
            new Parameter(
                    "target_session_attrs",
                    LOST,
                    "Of several hosts Weir takes the first that accepts, primary or not."));

    static final List<Parameter> OF_USER_SECTION = List.of(
            new Parameter("pool_size", TAKEN, "`pool_size`" + OF_USER),
            new Parameter("reserve_pool_size", LOST, "A user has the reserve of its tenant."),
            new Parameter(
                    "pool_mode",
                    CHANGED,
                    "The mode is a matter of the port: this user's clients must use the one that the report names"),
            new Parameter(
                    "max_user_connections",
                    CHANGED,
                    "`pool_size`" + OF_USER
                            + " is at most that; that its pools of all databases share it has no counterpart"),
            new Parameter("max_user_client_connections", TAKEN, "`max_clients`" + OF_USER),
            new Parameter("query_timeout", TAKEN, "`query_timeout`" + OF_USER),
            new Parameter("query_wait_timeout", TAKEN, "`queue_timeout`" + OF_USER + "; 0 becomes `\"1d\"`"),
            new Parameter("idle_transaction_timeout", TAKEN, "`idle_transaction_timeout`" + OF_USER),
            new Parameter("transaction_timeout", TAKEN, "`transaction_timeout`" + OF_USER),
            new Parameter("client_idle_timeout", TAKEN, "`client_idle_timeout`" + OF_USER));

    static final List<Parameter> OF_PEER = List.of(
            new Parameter("host", LOST, "Weir knows no peers: a cancel request must reach the Weir that it is for."),
            new Parameter("port", LOST, "As `host`."),
            new Parameter("pool_size", LOST, "As `host`."));

    private Parameters() {}

    static Optional<Parameter> find(List<Parameter> parameters, String name) {
        return parameters.stream()
                .filter(parameter -> parameter.name().equals(name))
                .findFirst();
    }
}
