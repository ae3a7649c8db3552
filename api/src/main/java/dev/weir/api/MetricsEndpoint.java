package dev.weir.api;

import dev.weir.api.metrics.Metrics;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All metrics in Prometheus' text format, or in OpenMetrics' if {@code Accept} asks for that, compressed if asked. Each
 * scrape has a virtual thread; 503 if a lane does not answer in time.
 */
public final class MetricsEndpoint implements Endpoint {
    private static final Logger log = LoggerFactory.getLogger(MetricsEndpoint.class);

    private final Metrics metrics;
    private final ExpositionFormats formats = ExpositionFormats.init();

    public MetricsEndpoint(Metrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public CompletableFuture<Answer> get(HttpHeaders request) {
        String accept = request.get(HttpHeaderNames.ACCEPT);
        boolean gzip = acceptsGzip(request.get(HttpHeaderNames.ACCEPT_ENCODING));
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        Thread.ofVirtual().name("scrape").start(() -> answer.complete(answer(accept, gzip)));
        return answer;
    }

    private static boolean acceptsGzip(@Nullable String encodings) {
        if (encodings == null) {
            return false;
        }
        for (String encoding : encodings.toLowerCase(Locale.ROOT).split(",", -1)) {
            String plain = encoding.replace(" ", "");
            if (plain.equals("gzip") || (plain.startsWith("gzip;") && !plain.matches("gzip;q=0(\\.0*)?"))) {
                return true;
            }
        }
        return false;
    }

    private Answer answer(@Nullable String accept, boolean gzip) {
        try {
            return write(metrics.scrape(), formats.findWriter(accept), gzip);
        } catch (Metrics.Silent silent) {
            log.atWarn()
                    .setMessage("metrics could not be collected in time")
                    .addKeyValue("silent", silent.getMessage())
                    .log();
            return Answer.text(HttpResponseStatus.SERVICE_UNAVAILABLE, "no answer from " + silent.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Answer.text(HttpResponseStatus.SERVICE_UNAVAILABLE, "interrupted");
        } catch (IOException | RuntimeException e) {
            log.error("bug while collecting metrics", e);
            return Answer.text(HttpResponseStatus.INTERNAL_SERVER_ERROR, "metrics could not be collected");
        }
    }

    private static Answer write(MetricSnapshots snapshots, ExpositionFormatWriter writer, boolean gzip)
            throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream(64 * 1024);
        try (OutputStream out = gzip ? new GZIPOutputStream(body) : body) {
            writer.write(out, snapshots);
        }
        return new Answer(HttpResponseStatus.OK, writer.getContentType(), body.toByteArray(), gzip);
    }
}
