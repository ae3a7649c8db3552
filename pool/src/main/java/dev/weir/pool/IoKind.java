package dev.weir.pool;

/** Which of the kernel's interfaces the lanes use. */
public enum IoKind {
    /** The best that this machine offers: io_uring, else epoll, else NIO. */
    AUTO,
    IO_URING,
    EPOLL,
    NIO
}
