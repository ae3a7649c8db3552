package dev.weir.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.api.metrics.FixedFacts;
import dev.weir.api.metrics.Metrics;
import dev.weir.pool.IoKind;
import dev.weir.pool.Lanes;
import dev.weir.pool.TlsProvider;
import dev.weir.tenants.Tenants;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpServerTest {
    private final AtomicBoolean ready = new AtomicBoolean(true);
    private final CompletableFuture<Answer> slow = new CompletableFuture<>();
    private final HttpClient client = HttpClient.newHttpClient();
    private final Lanes lanes = new Lanes(IoKind.NIO, TlsProvider.JDK, 2, Tenants.of(List.of(), Optional.empty()));
    private HttpServer server;
    private boolean lanesEnded;

    @BeforeEach
    void start() throws IOException {
        HealthEndpoints health = new HealthEndpoints(lanes.all(), ready::get, Duration.ofMillis(300));
        Metrics metrics = new Metrics(lanes, FixedFacts.of("1.2.3", ready::get), 10, Duration.ofMillis(300));
        server = HttpServer.start(
                "127.0.0.1",
                0,
                Map.of(
                        "/health/live",
                        health::live,
                        "/health/ready",
                        health::ready,
                        "/metrics",
                        new MetricsEndpoint(metrics),
                        "/slow",
                        request -> slow));
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
        if (!lanesEnded) {
            lanes.close();
        }
    }

    @Test
    void isLiveAndReady() throws Exception {
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        assertThat(get("/health/ready?verbose").statusCode()).isEqualTo(200);
    }

    @Test
    void isLiveButNotReadyWhileItShutsDown() throws Exception {
        ready.set(false);
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        assertThat(get("/health/ready").statusCode()).isEqualTo(503);
    }

    @Test
    void isNotLiveWhileALaneIsStuck() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        lanes.all().get(1).loop().execute(() -> await(stuck));
        HttpResponse<String> answer = get("/health/live");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).isEqualTo("no answer from lane 1\n");
        stuck.countDown();
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void isNotLiveWhenLanesHaveEnded() throws Exception {
        lanes.close();
        lanesEnded = true;
        assertThat(get("/health/live").statusCode()).isEqualTo(503);
        assertThat(get("/metrics").statusCode()).isEqualTo(503);
    }

    @Test
    void metricsSayWhatRuns() throws Exception {
        HttpResponse<String> answer = get("/metrics");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type")).contains("text/plain; version=0.0.4; charset=utf-8");
        assertThat(answer.body()).contains("weir_build_info{", "version=\"1.2.3\"", "weir_ready 1.0");
        ready.set(false);
        assertThat(get("/metrics").body()).contains("weir_ready 0.0");
    }

    @Test
    void metricsDoNotWaitForAStuckLane() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        lanes.all().get(1).loop().execute(() -> await(stuck));
        HttpResponse<String> answer = get("/metrics");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).isEqualTo("no answer from lane 1\n");
        stuck.countDown();
        assertThat(get("/metrics").statusCode()).isEqualTo(200);
    }

    @Test
    void metricsComeCompressedAndAsOpenMetricsIfAskedFor() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri("/metrics"))
                .header("Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
                .header("Accept-Encoding", "br, gzip;q=0.9")
                .build();
        HttpResponse<InputStream> answer = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        assertThat(answer.headers().firstValue("content-encoding")).contains("gzip");
        assertThat(answer.headers().firstValue("content-type").orElseThrow())
                .startsWith("application/openmetrics-text");
        try (InputStream body = new GZIPInputStream(answer.body())) {
            assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8))
                    .contains("# TYPE weir_ready gauge")
                    .endsWith("# EOF\n");
        }
        HttpRequest without = HttpRequest.newBuilder(uri("/metrics"))
                .header("Accept-Encoding", "gzip;q=0, identity")
                .build();
        assertThat(client.send(without, HttpResponse.BodyHandlers.ofString())
                        .headers()
                        .firstValue("content-encoding"))
                .isEmpty();
    }

    @Test
    void headHasNoBodyButItsLength() throws Exception {
        HttpRequest head = HttpRequest.newBuilder(uri("/health/ready")).HEAD().build();
        HttpResponse<String> answer = client.send(head, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-length")).contains("3");
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void refusesWhatItDoesNotKnow() throws Exception {
        assertThat(get("/").statusCode()).isEqualTo(404);
        HttpRequest post = HttpRequest.newBuilder(uri("/health/live"))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        HttpResponse<Void> refused = client.send(post, HttpResponse.BodyHandlers.discarding());
        assertThat(refused.statusCode()).isEqualTo(405);
        assertThat(refused.headers().firstValue("allow")).contains("GET, HEAD");
    }

    /** Requests that come together are answered in their order, though the first takes longer. */
    @Test
    void answersInOrder() throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            String request = "GET %s HTTP/1.1\r\nHost: weir\r\n\r\n";
            socket.getOutputStream()
                    .write((request.formatted("/slow")
                                    + request.formatted("/health/ready")
                                    + request.formatted("/none"))
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(get("/health/ready").body()).as("another connection").isEqualTo("ok\n");
            slow.complete(Answer.text(HttpResponseStatus.OK, "slow"));
            InputStream in = socket.getInputStream();
            StringBuilder all = new StringBuilder();
            while (!all.toString().contains("not found")) {
                all.append((char) in.read());
            }
            assertThat(all.toString()).containsSubsequence("200 OK", "slow", "200 OK", "ok", "404", "not found");
            socket.getOutputStream().write(request.formatted("/health/ready").getBytes(StandardCharsets.US_ASCII));
            assertThat((char) in.read()).as("reads on").isIn('\n', 'H');
        }
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }
}
