package dev.weir.pool;

/** What a server wants to see in a CancelRequest for one of its connections. {@code toString} hides the key. */
record BackendKey(int processId, byte[] key) {
    @Override
    public String toString() {
        return "BackendKey[" + processId + "]";
    }
}
