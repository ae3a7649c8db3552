package dev.weir.gateway;

import dev.weir.pool.Refusal;
import dev.weir.pool.ServerConnection;
import dev.weir.wire.FrameScanner;
import dev.weir.wire.Frontend;
import dev.weir.wire.PgError;
import dev.weir.wire.Verdict;
import java.nio.charset.StandardCharsets;

/** Puts something that fails in the place of a client's message that is not to be carried out; see {@link Refusal}. */
final class Refusals {
    /** A text that fails. It does no more than that. */
    private static final byte[] FAILING = "refused by Weir".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] FAILING_NAME = "weir_refused".getBytes(StandardCharsets.US_ASCII);

    private Refusals() {}

    /** Of a Query. */
    static Verdict refuseQuery(ServerConnection lent, FrameScanner scanner, PgError error) {
        scanner.cut();
        lent.onRequest(Frontend.QUERY, new Refusal(error));
        Frontend.writeQuery(lent.assembly(), FAILING);
        return Verdict.SWALLOW;
    }

    /** Of a message of the extended protocol. */
    static Verdict refuseExtended(ServerConnection lent, FrameScanner scanner, PgError error) {
        scanner.cut();
        lent.onRequest(Frontend.PARSE, new Refusal(error));
        Frontend.writeParse(lent.assembly(), FAILING_NAME, FAILING);
        return Verdict.SWALLOW;
    }
}
