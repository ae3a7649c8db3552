package dev.weir.testkit;

import io.netty.buffer.AbstractByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class that leaves a buffer behind. Netty notices a leak when the collector has taken the buffer and another
 * one is allocated, so both are made to happen. (The tests of wire, on which this room stands, have one of their own.)
 */
public final class LeakWatch implements BeforeAllCallback, AfterAllCallback {
    private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();

    static {
        try {
            Field detector = AbstractByteBuf.class.getDeclaredField("leakDetector"); // nothing public leads to it
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
            throw new AssertionError("buffers that were never released: " + leaks);
        }
    }

    /** The leaks since they were asked for last. */
    public static List<String> leaks() {
        collect();
        ByteBufAllocator.DEFAULT.heapBuffer(1).release();
        ByteBufAllocator.DEFAULT.directBuffer(1).release();
        List<String> found = List.copyOf(LEAKS);
        LEAKS.clear();
        return found;
    }

    /**
     * Returns when the references to all that can be collected have been enqueued, which a thread of the JVM does some time
     * behind the collection; it is done with those of one collection before it begins with those of the next.
     */
    private static void collect() {
        for (int i = 0; i < 2; i++) {
            ReferenceQueue<Object> queue = new ReferenceQueue<>();
            WeakReference<Object> witness = new WeakReference<>(new Object(), queue);
            try {
                do {
                    System.gc();
                } while (!holdsWithin(queue, 100));
            } finally {
                Reference.reachabilityFence(witness); // nobody else keeps it
            }
        }
    }

    private static boolean holdsWithin(ReferenceQueue<Object> queue, int millis) {
        try {
            return queue.remove(millis) != null;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
