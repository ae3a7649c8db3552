package dev.weir.wire;

/**
 * A protocol version, major and minor.
 *
 * @param code major in the upper, minor in the lower 16 bits, as on the wire
 */
public record ProtocolVersion(int code) {
    public static final ProtocolVersion V3_0 = new ProtocolVersion(3 << 16);

    /** Since PostgreSQL 18: cancel keys of up to 256 bytes. */
    public static final ProtocolVersion V3_2 = new ProtocolVersion(3 << 16 | 2);

    public int major() {
        return code >>> 16;
    }

    public int minor() {
        return code & 0xffff;
    }

    /**
     * What is spoken with a client that asks for this version; 3.1 never existed, PostgreSQL answers 3.0 to it.
     */
    public ProtocolVersion served() {
        return minor() >= 2 ? V3_2 : V3_0;
    }
}
