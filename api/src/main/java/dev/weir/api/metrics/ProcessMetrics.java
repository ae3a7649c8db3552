package dev.weir.api.metrics;

import com.sun.management.UnixOperatingSystemMXBean;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetric;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;

/** What the JVM and the system say of this process, by the names that are usual for it. */
final class ProcessMetrics {
    private ProcessMetrics() {}

    static void writeTo(Families to) {
        to.add(Metric.START_TIME, ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3);
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            to.add(Metric.PROCESS_CPU, system.getProcessCpuTime() / 1e9);
            to.add(Metric.OPEN_FILES, system.getOpenFileDescriptorCount());
            to.add(Metric.MAX_FILES, system.getMaxFileDescriptorCount());
        }
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        write(to, memory.getHeapMemoryUsage(), "heap");
        write(to, memory.getNonHeapMemoryUsage(), "nonheap");
        if (ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider provider) {
            ByteBufAllocatorMetric buffers = provider.metric();
            to.add(Metric.BUFFER_MEMORY, buffers.usedDirectMemory(), "direct");
            to.add(Metric.BUFFER_MEMORY, buffers.usedHeapMemory(), "heap");
        }
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            to.addSummary(
                    Metric.GC_TIME,
                    Math.max(0, collector.getCollectionCount()),
                    Math.max(0, collector.getCollectionTime()) / 1e3,
                    collector.getName());
        }
        to.add(Metric.THREADS, ManagementFactory.getThreadMXBean().getThreadCount());
    }

    private static void write(Families to, MemoryUsage usage, String area) {
        to.add(Metric.MEMORY_USED, usage.getUsed(), area);
        to.add(Metric.MEMORY_COMMITTED, usage.getCommitted(), area);
        if (usage.getMax() >= 0) {
            to.add(Metric.MEMORY_MAX, usage.getMax(), area);
        }
    }
}
