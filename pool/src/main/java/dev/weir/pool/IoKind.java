package dev.weir.pool;

/** Which of the kernel's interfaces the lanes use. */
public enum IoKind {
    /** Epoll where there is one, else NIO; io_uring has to be asked for, see docs/decisions/0005-io.md. */
    AUTO,
    IO_URING,
    EPOLL,
    NIO
}
