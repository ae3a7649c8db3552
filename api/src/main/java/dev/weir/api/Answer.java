package dev.weir.api;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;

/**
 * What an {@link Endpoint} says.
 *
 * @param body the caller's own, no longer changed
 * @param gzip the body is compressed so
 */
public record Answer(HttpResponseStatus status, String contentType, byte[] body, boolean gzip) {

    /** A word or two for people. */
    static Answer text(HttpResponseStatus status, String text) {
        return new Answer(status, "text/plain", (text + "\n").getBytes(StandardCharsets.US_ASCII), false);
    }
}
