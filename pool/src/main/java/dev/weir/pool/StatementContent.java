package dev.weir.pool;

import java.util.Arrays;

/**
 * What makes a prepared statement the same as another: kind, bytes, and what names in it depend on. One instance may be
 * moved over bytes again and again to look something up; those that are kept are copies.
 */
final class StatementContent {
    private PreparedStatement.Kind kind = PreparedStatement.Kind.PROTOCOL;
    private byte[] bytes = new byte[0];
    private int offset;
    private int length;
    private String scope = "";
    private int hash;

    /**
     * @param newScope the search path that its names are looked up by, as the client has set it; empty for the server's own
     */
    StatementContent at(
            PreparedStatement.Kind newKind, byte[] newBytes, int newOffset, int newLength, String newScope) {
        kind = newKind;
        bytes = newBytes;
        offset = newOffset;
        length = newLength;
        scope = newScope;
        int h = newScope.hashCode();
        for (int i = newOffset; i < newOffset + newLength; i++) {
            h = h * 31 + newBytes[i];
        }
        hash = h;
        return this;
    }

    StatementContent copy() {
        byte[] own = Arrays.copyOfRange(bytes, offset, offset + length);
        return new StatementContent().at(kind, own, 0, own.length, scope);
    }

    PreparedStatement.Kind kind() {
        return kind;
    }

    /** All of them; only of a copy. */
    byte[] bytes() {
        return bytes;
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StatementContent that
                && hash == that.hash
                && kind == that.kind
                && scope.equals(that.scope)
                && Arrays.equals(bytes, offset, offset + length, that.bytes, that.offset, that.offset + that.length);
    }
}
