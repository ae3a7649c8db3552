package dev.weir.tenants;

/** Where a Postgres listens. */
public sealed interface Endpoint {

    /**
     * @param host a name or an IPv4 or IPv6 address; a name's addresses are tried in turn
     * @param port 1 to 65535
     */
    record Tcp(String host, int port) implements Endpoint {
        @Override
        public String toString() {
            return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
        }
    }

    /** @param path the socket's full path, as in {@code /var/run/postgresql/.s.PGSQL.5432} */
    record UnixSocket(String path) implements Endpoint {
        @Override
        public String toString() {
            return path;
        }
    }
}
