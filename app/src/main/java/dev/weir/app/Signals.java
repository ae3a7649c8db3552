package dev.weir.app;

import java.lang.reflect.Proxy;
import java.util.Map;

/**
 * What the operating system tells the process. The class of the JDK that handles signals ({@code sun.misc.Signal}, module
 * {@code jdk.unsupported}) has no successor, and naming it is a warning that can't be switched off, so it is reached by
 * reflection.
 */
final class Signals {
    private static final int EXIT_INTERRUPTED = 130;

    /** The variable that names the signal which HotSpot stops threads by; SIGUSR2 without it. */
    private static final String HOTSPOT_SIGNAL = "_JAVA_SR_SIGNUM";

    private static final String USR2_NUMBER = "12";

    private Signals() {}

    /** Runs the task, on a thread of its own, at each SIGHUP. */
    static void onHangUp(Runnable task) {
        handle("HUP", task);
    }

    /**
     * Runs one task at each SIGUSR1, the other at each SIGUSR2. HotSpot takes SIGUSR2 for itself, to stop threads that it
     * looks at, unless the environment gives it another signal.
     *
     * @return whether SIGUSR2 could be had
     */
    static boolean onUserSignals(Runnable first, Runnable second, Map<String, String> environment) {
        handle("USR1", first);
        String ofHotSpot = environment.getOrDefault(HOTSPOT_SIGNAL, "");
        boolean free = ofHotSpot.matches("[0-9]+") && !ofHotSpot.equals(USR2_NUMBER);
        if (free) {
            handle("USR2", second);
        }
        return free;
    }

    /** Waits for SIGINT or SIGTERM, or until it is asked otherwise, then closes. A further signal ends the process at once. */
    static void awaitEnd(Shutdown shutdown, AutoCloseable running) throws InterruptedException {
        Runnable ask = () -> {
            if (shutdown.isAsked()) {
                Runtime.getRuntime().halt(EXIT_INTERRUPTED);
            }
            shutdown.ask(true);
        };
        handle("INT", ask);
        handle("TERM", ask);
        shutdown.await();
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
