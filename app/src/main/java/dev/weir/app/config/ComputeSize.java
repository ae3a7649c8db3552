package dev.weir.app.config;

/** Limits that suit a database of that size; the figures are those which Supavisor's operator published. */
enum ComputeSize {
    MICRO("micro", 15, 60, 200),
    SMALL("small", 15, 90, 400),
    MEDIUM("medium", 15, 120, 600),
    LARGE("large", 20, 160, 800),
    XL("xl", 20, 240, 1_000),
    XL2("2xl", 25, 380, 1_500),
    XL4("4xl", 32, 480, 3_000),
    XL8("8xl", 64, 490, 6_000),
    XL12("12xl", 96, 500, 9_000),
    XL16("16xl", 128, 500, 12_000);

    private final String word;
    private final int poolSize;
    private final int maxConnections;
    private final int maxClients;

    ComputeSize(String word, int poolSize, int maxConnections, int maxClients) {
        this.word = word;
        this.poolSize = poolSize;
        this.maxConnections = maxConnections;
        this.maxClients = maxClients;
    }

    String word() {
        return word;
    }

    int poolSize() {
        return poolSize;
    }

    /**
     * Server connections over all pools: nine tenths of what such a database allows, so that some are left to superusers
     * and to those who connect directly.
     */
    int maxServers() {
        return maxConnections * 9 / 10;
    }

    int maxClients() {
        return maxClients;
    }
}
