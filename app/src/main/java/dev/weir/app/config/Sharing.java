package dev.weir.app.config;

/** Whether short reading statements of several clients may share a server connection. */
enum Sharing {
    AUTO,
    OFF
}
