package dev.weir.app;

import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;

/**
 * What the operating system tells the process. The class of the JDK that handles signals ({@code sun.misc.Signal}, module
 * {@code jdk.unsupported}) has no successor, and naming it is a warning that can't be switched off, so it is reached by
 * reflection.
 */
final class Signals {
    private static final int EXIT_INTERRUPTED = 130;

    private Signals() {}

    /** Runs the task, on a thread of its own, at each SIGHUP. */
    static void onHangUp(Runnable task) {
        handle("HUP", task);
    }

    /** Waits for SIGINT or SIGTERM, then closes. A second signal ends the process at once. */
    static void awaitEnd(AutoCloseable running) throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        Runnable ask = () -> {
            if (asked.getCount() == 0) {
                Runtime.getRuntime().halt(EXIT_INTERRUPTED);
            }
            asked.countDown();
        };
        handle("INT", ask);
        handle("TERM", ask);
        asked.await();
        try {
            running.close();
        } catch (Exception e) {
            throw new IllegalStateException("the end was not orderly", e);
        }
    }

    private static void handle(String signal, Runnable task) {
        try {
            Class<?> signalClass = Class.forName("sun.misc.Signal");
            Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
            Object handler = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handlerClass}, (proxy, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            task.run();
                        }
                        return null;
                    });
            signalClass
                    .getMethod("handle", signalClass, handlerClass)
                    .invoke(null, signalClass.getConstructor(String.class).newInstance(signal), handler);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JDK can't handle the signal " + signal, e);
        }
    }
}
