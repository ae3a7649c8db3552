package dev.weir.app;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.ResourceLeakDetector;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class that leaves a native TLS engine or context behind. Netty notices one when the collector has taken it
 * and another is made, so both are made to happen.
 */
final class TlsLeakWatch implements BeforeAllCallback, AfterAllCallback {
    private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();

    static {
        if (OpenSsl.isAvailable()) {
            listen(ReferenceCountedOpenSslEngine.class);
            listen(ReferenceCountedOpenSslContext.class);
        }
    }

    private static void listen(Class<?> counted) {
        try {
            Field detector = counted.getDeclaredField("leakDetector"); // nothing public leads to it
            detector.setAccessible(true);
            ((ResourceLeakDetector<?>) detector.get(null))
                    .setLeakListener((type, records) -> LEAKS.add(type + records));
        } catch (ReflectiveOperationException changed) {
            throw new ExceptionInInitializerError(changed);
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        leaks(); // those of classes before this one are theirs
    }

    @Override
    public void afterAll(ExtensionContext context) {
        List<String> leaks = leaks();
        if (!leaks.isEmpty()) {
            throw new AssertionError("native TLS that was never released: " + leaks);
        }
    }

    /** The leaks since they were asked for last. */
    static List<String> leaks() {
        if (OpenSsl.isAvailable()) {
            for (int i = 0; i < 3; i++) {
                System.gc();
                makeAnother();
            }
        }
        List<String> found = List.copyOf(LEAKS);
        LEAKS.clear();
        return found;
    }

    private static void makeAnother() {
        try {
            SslContext context = SslContextBuilder.forClient()
                    .sslProvider(SslProvider.OPENSSL_REFCNT)
                    .build();
            SSLEngine engine = context.newEngine(ByteBufAllocator.DEFAULT);
            ReferenceCountUtil.release(engine);
            ReferenceCountUtil.release(context);
        } catch (SSLException e) {
            throw new AssertionError("OpenSSL is available, but of no use", e);
        }
    }
}
