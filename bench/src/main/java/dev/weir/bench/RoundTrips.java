package dev.weir.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** How long a question to Postgres and its answer take. */
final class RoundTrips {
    private static final int WARM_UP = 100;
    private static final int COUNT = 300;

    private RoundTrips() {}

    /** The median over some hundred empty queries on one connection, in microseconds. */
    static double medianMicros(int port, Account account) throws IOException, BenchFailure {
        try (PostgresConnection connection = PostgresConnection.open(port, account, new Scram(account.password()))) {
            List<Long> nanos = new ArrayList<>();
            for (int i = 0; i < WARM_UP + COUNT; i++) {
                long begin = System.nanoTime();
                connection.query("");
                if (i >= WARM_UP) {
                    nanos.add(System.nanoTime() - begin);
                }
            }
            return Medians.median(nanos, each -> each / 1000.0);
        }
    }
}
