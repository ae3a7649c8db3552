package dev.weir.api;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.concurrent.CompletableFuture;

/** What answers GET (and HEAD) on one path. */
public interface Endpoint {
    /** Called on the HTTP loop, so it does not block; the answer may come from any thread. */
    CompletableFuture<Answer> get(HttpHeaders request);
}
