package dev.weir.bench;

/** The one user and database of the benchmark; the password is no secret, the server lives only as long as the run. */
record Account(String user, String password, String database) {
    static final Account BENCH = new Account("bench", "bench-password", "bench");
}
