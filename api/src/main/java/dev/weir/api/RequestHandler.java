package dev.weir.api;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.ReadTimeoutException;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the endpoint of each request on one connection, and answers in the order in which they came. */
final class RequestHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger log = LoggerFactory.getLogger(RequestHandler.class);

    private final Map<String, Endpoint> endpoints;

    /** Completed when all that was asked so far has been answered. */
    private CompletableFuture<?> answered = CompletableFuture.completedFuture(null);

    private int unanswered;

    /** @param endpoints by path */
    RequestHandler(Map<String, Endpoint> endpoints) {
        this.endpoints = endpoints;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        boolean sound = request.decoderResult().isSuccess();
        boolean keepAlive = sound && HttpUtil.isKeepAlive(request);
        boolean head = request.method().equals(HttpMethod.HEAD);
        CompletableFuture<Answer> answer =
                sound ? answer(request) : done(Answer.text(HttpResponseStatus.BAD_REQUEST, "bad request"));
        unanswered++;
        ctx.channel().config().setAutoRead(false); // one that asks without end must not fill the memory with answers
        answered = answered.thenCombine(answer, (before, now) -> now)
                .whenCompleteAsync((now, bug) -> write(ctx, now, bug, keepAlive, head), ctx.executor());
    }

    private CompletableFuture<Answer> answer(FullHttpRequest request) {
        Endpoint endpoint = endpoints.get(new QueryStringDecoder(request.uri()).path());
        if (endpoint == null) {
            return done(Answer.text(HttpResponseStatus.NOT_FOUND, "not found"));
        }
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            return done(Answer.text(HttpResponseStatus.METHOD_NOT_ALLOWED, "method not allowed"));
        }
        return endpoint.get(request.headers());
    }

    private static CompletableFuture<Answer> done(Answer answer) {
        return CompletableFuture.completedFuture(answer);
    }

    private void write(
            ChannelHandlerContext ctx,
            @Nullable Answer answer,
            @Nullable Throwable bug,
            boolean keepAlive,
            boolean head) {
        if (bug != null || answer == null) {
            exceptionCaught(ctx, bug == null ? new IllegalStateException("no answer") : bug);
            return;
        }
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                answer.status(),
                head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(answer.body()));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
                .setInt(HttpHeaderNames.CONTENT_LENGTH, answer.body().length)
                .set(HttpHeaderNames.CONNECTION, keepAlive ? HttpHeaderValues.KEEP_ALIVE : HttpHeaderValues.CLOSE);
        if (answer.gzip()) {
            response.headers().set(HttpHeaderNames.CONTENT_ENCODING, HttpHeaderValues.GZIP);
        }
        if (answer.status().equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
            response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
        }
        var written = ctx.writeAndFlush(response);
        if (!keepAlive) {
            written.addListener(ChannelFutureListener.CLOSE);
            return;
        }
        unanswered--;
        if (unanswered == 0) {
            ctx.channel().config().setAutoRead(true);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException) && !(cause instanceof ReadTimeoutException)) {
            log.error("bug while serving HTTP", cause);
        }
        ctx.close();
    }
}
