package dev.weir.bench;

import java.io.IOException;

/** Where a Weir listens on 127.0.0.1. */
record WeirPorts(int transaction, int session, int http) {

    /** Three that were free a moment ago. */
    static WeirPorts free() throws IOException {
        return new WeirPorts(Ports.free(), Ports.free(), Ports.free());
    }
}
