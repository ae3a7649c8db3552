package dev.weir.app.config;

/** Limits that suit a database of that size; the figures are those which Supavisor's operator published. */
enum ComputeSize {
    MICRO("micro", 15, 200),
    SMALL("small", 15, 400),
    MEDIUM("medium", 15, 600),
    LARGE("large", 20, 800),
    XL("xl", 20, 1_000),
    XL2("2xl", 25, 1_500),
    XL4("4xl", 32, 3_000),
    XL8("8xl", 64, 6_000),
    XL12("12xl", 96, 9_000),
    XL16("16xl", 128, 12_000);

    private final String word;
    private final int poolSize;
    private final int maxClients;

    ComputeSize(String word, int poolSize, int maxClients) {
        this.word = word;
        this.poolSize = poolSize;
        this.maxClients = maxClients;
    }

    String word() {
        return word;
    }

    int poolSize() {
        return poolSize;
    }

    int maxClients() {
        return maxClients;
    }
}
