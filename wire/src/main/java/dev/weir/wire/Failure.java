package dev.weir.wire;

/**
 * Everything that Weir itself tells a client went wrong, each with its SQLSTATE and texts; {@code docs/errors.md} lists
 * them, and a test holds the two together. What a server says passes through as it is and is none of these.
 */
public sealed interface Failure {

    PgError toPgError();

    /** A length, type or order that the protocol forbids; the text is Postgres' own where it has one. */
    record ProtocolViolation(String message) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(Sqlstate.PROTOCOL_VIOLATION, message);
        }
    }

    record NoUserName() implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(
                    Sqlstate.INVALID_AUTHORIZATION_SPECIFICATION,
                    "no PostgreSQL user name specified in startup packet");
        }
    }

    /** The {@code options} of the startup message can't be read; the text is Postgres' own. */
    record MalformedOptions(String message) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(Sqlstate.SYNTAX_ERROR, message);
        }
    }

    /** The client said nothing from which its tenant could be known. */
    record NoTenantNamed() implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(
                            Sqlstate.INVALID_AUTHORIZATION_SPECIFICATION,
                            "the connection does not say which tenant it is for")
                    .withHint("Log in as user.tenant, or add options=-c weir.tenant=<tenant>.");
        }
    }

    /** Unknown tenant, unknown user or wrong password: which one is not told. */
    record LoginRejected(String user) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(Sqlstate.INVALID_PASSWORD, "password authentication failed for user \"" + user + "\"");
        }
    }

    record LoginTimeout(long millis) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(Sqlstate.QUERY_CANCELED, "canceling authentication due to timeout")
                    .withDetail("The login was not complete after " + millis + " ms (listen.login_timeout).");
        }
    }

    record ReplicationNotSupported() implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(Sqlstate.FEATURE_NOT_SUPPORTED, "replication connections are not pooled")
                    .withHint("Connect to Postgres directly for replication.");
        }
    }

    record TooManyClients(int limit) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(Sqlstate.TOO_MANY_CONNECTIONS, "sorry, too many clients already")
                    .withDetail("The tenant has " + limit + " clients, its limit (max_clients).")
                    .withHint("Close connections that are not used, or raise max_clients.");
        }
    }

    record TooManyClientsOfUser(String user, int limit) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(Sqlstate.TOO_MANY_CONNECTIONS, "too many connections for role \"" + user + "\"")
                    .withDetail("The user has " + limit + " clients, its limit (max_clients of the user).")
                    .withHint("Close connections that are not used, or raise max_clients of the user.");
        }
    }

    record TooManyClientsInAll(int limit) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(Sqlstate.TOO_MANY_CONNECTIONS, "sorry, the pooler has too many clients already")
                    .withDetail("All tenants together have " + limit + " clients, the limit (listen.max_clients).")
                    .withHint("Try again later, or raise listen.max_clients.");
        }
    }

    record TooManyNewClients(long limit) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(Sqlstate.TOO_MANY_CONNECTIONS, "too many new connections in this second")
                    .withDetail(
                            "The tenant may have " + limit + " logins in a second (max_new_connections_per_second).")
                    .withHint("Keep connections open in the application, or raise max_new_connections_per_second.");
        }
    }

    /** There is a server connection, but the tenant has begun as many transactions as it may. */
    record TooManyTransactions(long waitedMillis, long limit, int waiting) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.error(
                            Sqlstate.TOO_MANY_CONNECTIONS,
                            "the tenant's rate of transactions left no room within " + waitedMillis + " ms")
                    .withDetail("The tenant may begin " + limit
                            + " transactions in a second (max_transactions_per_second); " + waiting + " clients wait.")
                    .withHint("Send fewer transactions, or raise max_transactions_per_second.");
        }
    }

    /**
     * The pool may have another server connection, but not the tenant, or not the host.
     *
     * @param size server connections of the pool, of at most {@code poolSize}
     * @param held those of the tenant, of at most {@code tenantLimit}, which may be no limit
     * @param taken those of all tenants on the host, of at most {@code hostLimit}, which may be no limit
     */
    record NoPlaceOnHost(
            long waitedMillis, int size, int poolSize, int held, int tenantLimit, int taken, int hostLimit, int waiting)
            implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.error(
                            Sqlstate.TOO_MANY_CONNECTIONS,
                            "no place for another server connection within " + waitedMillis + " ms")
                    .withDetail("The pool has " + size + " of " + poolSize
                            + " server connections (pool_size), the tenant "
                            + held + limit(tenantLimit, "max_server_connections") + ", the host " + taken
                            + limit(hostLimit, "max_connections of [[host]]") + "; " + waiting + " clients wait.")
                    .withHint("Look for long transactions, or raise the limit that is reached.");
        }

        private static String limit(int limit, String key) {
            return limit == Integer.MAX_VALUE ? "" : " of " + limit + " (" + key + ")";
        }
    }

    record QueueTimeout(long waitedMillis, int poolSize, int waiting) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.error(
                            Sqlstate.TOO_MANY_CONNECTIONS,
                            "no server connection became free within " + waitedMillis + " ms")
                    .withDetail("All " + poolSize + " server connections of the pool (pool_size) are in use; " + waiting
                            + " clients wait.")
                    .withHint("Look for long transactions, or raise pool_size or queue_timeout.");
        }
    }

    /** A cancel request met a statement that still waited for a server connection. */
    record CanceledWhileWaiting() implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.error(Sqlstate.QUERY_CANCELED, "canceling statement due to user request");
        }
    }

    /** A statement has taken longer than it may, and the server has cancelled it as Weir asked. */
    record QueryTimeout(long limitMillis) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.error(Sqlstate.QUERY_CANCELED, "canceling statement due to query timeout")
                    .withDetail("It had not ended after " + limitMillis + " ms (query_timeout).")
                    .withHint("Make the statement faster, or raise query_timeout of the user or the tenant.");
        }
    }

    /** Such a statement, which the server did not cancel in time. */
    record QueryNotCanceled(long limitMillis, long cancelMillis) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(
                            Sqlstate.QUERY_CANCELED,
                            "terminating connection because the server did not cancel the statement")
                    .withDetail("It had not ended after " + limitMillis + " ms (query_timeout), nor " + cancelMillis
                            + " ms after the server was asked to cancel it (cancel_timeout).")
                    .withHint("Look whether the server answers, and what its process does in pg_stat_activity.");
        }
    }

    /** A client has a transaction open and has said nothing for too long; the message is Postgres' own. */
    record IdleTransactionTimeout(long limitMillis) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(
                            Sqlstate.IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
                            "terminating connection due to idle-in-transaction timeout")
                    .withDetail("The client had a transaction open and said nothing for " + limitMillis
                            + " ms (idle_transaction_timeout).")
                    .withHint("End transactions sooner, or raise idle_transaction_timeout of the user or the tenant.");
        }
    }

    /** A transaction has taken too long; the message is Postgres' own. */
    record TransactionTimeout(long limitMillis) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(Sqlstate.TRANSACTION_TIMEOUT, "terminating connection due to transaction timeout")
                    .withDetail("The transaction had not ended after " + limitMillis + " ms (transaction_timeout).")
                    .withHint("Make transactions shorter, or raise transaction_timeout of the user or the tenant.");
        }
    }

    /** A client without a transaction has said nothing for too long; the message is Postgres' own. */
    record ClientIdleTimeout(long limitMillis) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(Sqlstate.IDLE_SESSION_TIMEOUT, "terminating connection due to idle-session timeout")
                    .withDetail("The client said nothing for " + limitMillis + " ms (client_idle_timeout).")
                    .withHint("Connect again, or raise client_idle_timeout of the user or the tenant.");
        }
    }

    /** The server connection ended under a client without a word of the server's. */
    record ServerLost() implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(Sqlstate.CONNECTION_FAILURE, "the server closed the connection unexpectedly")
                    .withDetail("Whether the statement that ran took effect is not known.");
        }
    }

    /** What the server sent can't be followed. */
    record ServerMisbehaved(String what) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(Sqlstate.CONNECTION_FAILURE, "lost synchronization with the server: " + what);
        }
    }

    record ServerUnreachable(String reason) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(Sqlstate.CONNECTION_FAILURE, "could not connect to the database server: " + reason);
        }
    }

    /** TLS is required towards the server, and the server has none or its certificate does not convince. */
    record ServerTlsFailed(String reason) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(
                            Sqlstate.CONNECTION_FAILURE,
                            "could not establish a trusted TLS connection to the database server: " + reason)
                    .withHint("See upstream_tls and upstream_ca of the tenant.");
        }
    }

    /** The server asks for a login that Weir has no secret for. */
    record ServerLoginImpossible(String reason) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(
                    Sqlstate.INVALID_AUTHORIZATION_SPECIFICATION, "could not log in to the database server: " + reason);
        }
    }

    /** As Postgres says it. */
    record DuplicateStatement(String name) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.error(
                    Sqlstate.DUPLICATE_PREPARED_STATEMENT, "prepared statement \"" + name + "\" already exists");
        }
    }

    /** As Postgres says it. */
    record UnknownStatement(String name) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.error(
                    Sqlstate.INVALID_SQL_STATEMENT_NAME, "prepared statement \"" + name + "\" does not exist");
        }
    }

    record TooManyStatements(int count, int limit) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.error(Sqlstate.CONFIGURATION_LIMIT_EXCEEDED, "no room for another prepared statement")
                    .withDetail("This client has " + count + " prepared statements, of at most " + limit
                            + " (prepared_statements_per_client); or the texts of all the pool's have reached"
                            + " prepared_statement_bytes.")
                    .withHint("Close statements that are not used, or raise these limits.");
        }
    }

    record StatementTooLong(int limit) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.error(Sqlstate.PROGRAM_LIMIT_EXCEEDED, "statement too long to be prepared under a name")
                    .withDetail("In transaction mode it can have " + limit + " bytes.")
                    .withHint("Use the unnamed statement for it, or session mode.");
        }
    }

    /** The tenant does not let its clients keep server connections. */
    record PinningRefused(String reason) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.error(
                            Sqlstate.FEATURE_NOT_SUPPORTED,
                            "the statement would keep a server connection for this client: " + reason)
                    .withHint("Use session mode, or set pinning = \"allow\" for the tenant.");
        }
    }

    record TooManyPinned(int limit) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.error(
                            Sqlstate.CONFIGURATION_LIMIT_EXCEEDED,
                            "too many clients keep a server connection for their sessions' state")
                    .withDetail("The pool lets " + limit + " do so (max_pinned).")
                    .withHint("Use session mode, or raise max_pinned and pool_size.");
        }
    }

    /** A client that listens does not take what it is notified of. */
    record TooManyNotifications(int limit) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(Sqlstate.PROGRAM_LIMIT_EXCEEDED, "too many notifications wait for this client")
                    .withDetail("More than " + limit + " bytes wait until it ends its transaction, or reads.");
        }
    }

    /** What the session has set could not be set on another server connection. */
    record ParametersLost(String reason) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(
                    Sqlstate.CONNECTION_FAILURE,
                    "the session's parameters could not be set on another server connection: " + reason);
        }
    }

    record ShuttingDown() implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(Sqlstate.ADMIN_SHUTDOWN, "terminating connection due to administrator command");
        }
    }

    /** More passwords are to be hashed than can be, so a new client is asked to come again. */
    record TooManyLogins() implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(Sqlstate.CANNOT_CONNECT_NOW, "too many logins at once")
                    .withHint("Connect again in a moment.");
        }
    }

    /** An administrator has disabled the database for clients to come. */
    record DatabaseDisabled(String database) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(Sqlstate.CANNOT_CONNECT_NOW, "database \"" + database + "\" is disabled")
                    .withDetail("An administrator has disabled it for new clients.")
                    .withHint("Connect again when it is enabled.");
        }
    }

    /** The console, for somebody who may log in but has no role there. */
    record ConsoleNotAllowed() implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(Sqlstate.INSUFFICIENT_PRIVILEGE, "not allowed")
                    .withDetail("The databases pgbouncer and weir are Weir's console.")
                    .withHint("Name the user in admin_users or stats_users of its tenant, or log in as a"
                            + " [[console.user]].");
        }
    }

    /** Users of tenants, at the console. */
    record TooManyAtConsole(int limit) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(Sqlstate.TOO_MANY_CONNECTIONS, "sorry, too many clients at the console already")
                    .withDetail("Users of all tenants have " + limit
                            + " connections to the console, the limit (console.max_clients).")
                    .withHint("Try again later, or raise console.max_clients.");
        }
    }

    /** Users of one tenant, at the console. */
    record TooManyOfTenantAtConsole(int limit) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(
                            Sqlstate.TOO_MANY_CONNECTIONS,
                            "sorry, too many clients of the tenant at the console already")
                    .withDetail("Users of the tenant have " + limit
                            + " connections to the console, the limit (console.max_clients_per_tenant).")
                    .withHint("Close those that are not used, or raise console.max_clients_per_tenant.");
        }
    }

    /** A command of the console that it does not know, or with words that don't belong there. */
    record ConsoleSyntax(String message) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.error(Sqlstate.SYNTAX_ERROR, message).withHint("SHOW HELP lists the commands.");
        }
    }

    /** A command of the console names something that is not there. */
    record ConsoleUnknownObject(String message, String hint) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.error(Sqlstate.UNDEFINED_OBJECT, message).withHint(hint);
        }
    }

    /** A command of the console that this user may not give. */
    record ConsoleForbidden(String command, String needed) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.error(Sqlstate.INSUFFICIENT_PRIVILEGE, "permission denied for " + command)
                    .withHint("It needs " + needed + ".");
        }
    }

    /** What the console can't do, or won't. */
    record ConsoleUnsupported(String what, String reason) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.error(Sqlstate.FEATURE_NOT_SUPPORTED, what + " is not supported by the console")
                    .withHint(reason);
        }
    }

    /** A command of the console that does not fit how things are. */
    record ConsoleState(String message, String hint) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.error(Sqlstate.OBJECT_NOT_IN_PREREQUISITE_STATE, message)
                    .withHint(hint);
        }
    }

    /** A value that a setting can't have, or an argument that is none. */
    record ConsoleInvalidValue(String message) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.error(Sqlstate.INVALID_PARAMETER_VALUE, message);
        }
    }

    /** A command of the console for which lanes were asked that do not answer; {@code lanes} in words. */
    record LaneSilent(String lanes, long limitMillis) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.error(Sqlstate.INTERNAL_ERROR, "no answer from " + lanes + " within " + limitMillis + " ms")
                    .withDetail("All that belongs to the tenants there stands still.")
                    .withHint("Report it, with what jstack tells of the process.");
        }
    }

    /** A change of the configuration that some lanes have not taken; {@code lanes} in words. */
    record LaneLate(String lanes, long limitMillis) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.error(
                            Sqlstate.INTERNAL_ERROR,
                            "changed, but not taken by " + lanes + " within " + limitMillis + " ms")
                    .withDetail("Everywhere else the change is in force. All that belongs to the tenants there stands"
                            + " still, and has the change when it goes on.")
                    .withHint("Report it, with what jstack tells of the process.");
        }
    }

    /** The configuration has a fault, so the old one stays in force. */
    record ReloadFailed(String fault) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.error(Sqlstate.CONFIG_FILE_ERROR, "RELOAD failed: " + fault)
                    .withDetail("The configuration that was in force stays so.")
                    .withHint("weir check tells all faults of a file.");
        }
    }

    /** As Postgres says it. */
    record UnknownPortal(String name) implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.error(Sqlstate.INVALID_CURSOR_NAME, "portal \"" + name + "\" does not exist");
        }
    }

    /** A shutdown waits for the clients that are there; nobody new is let in. */
    record NotAccepting() implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(Sqlstate.CANNOT_CONNECT_NOW, "the pooler is shutting down")
                    .withHint("Connect to another one.");
        }
    }

    /** A bug of Weir's; its log has more. */
    record Internal() implements Failure {
        @Override
        public PgError toPgError() {
            return PgError.fatal(Sqlstate.INTERNAL_ERROR, "internal error of the pooler");
        }
    }
}
