package dev.weir.gateway;

import dev.weir.pool.PreparedStatement;
import dev.weir.sql.Judgement;
import dev.weir.sql.SessionStatement;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Where the names of prepared statements stand in texts that execute or deallocate them. */
final class SqlNames {
    private SqlNames() {}

    /** The place of the name's first byte. */
    static int start(SessionStatement detail) {
        return switch (detail) {
            case SessionStatement.Execute execute -> execute.nameStart();
            case SessionStatement.Deallocate deallocate -> deallocate.nameStart();
            default -> throw new IllegalArgumentException("names nothing: " + detail);
        };
    }

    /** The place behind the name's last byte. */
    static int end(SessionStatement detail) {
        return switch (detail) {
            case SessionStatement.Execute execute -> execute.nameEnd();
            case SessionStatement.Deallocate deallocate -> deallocate.nameEnd();
            default -> throw new IllegalArgumentException("names nothing: " + detail);
        };
    }

    /** The place of the first name's first byte. */
    static int start(Judgement judgement) {
        for (SessionStatement detail : judgement.details()) {
            if (detail instanceof SessionStatement.Execute || detail instanceof SessionStatement.Deallocate) {
                return start(detail);
            }
        }
        throw new IllegalArgumentException("names nothing: " + judgement);
    }

    /** The first bytes of a text, and what stands behind it, with the names on servers in place of the client's. */
    static byte[] replaced(byte[] bytes, int length, Judgement judgement, ClientStatements statements) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 32);
        int done = 0;
        for (SessionStatement detail : judgement.details()) {
            PreparedStatement target = statements.target(detail);
            if (target != null) {
                out.write(bytes, done, start(detail) - done);
                out.writeBytes(target.serverName());
                done = end(detail);
            }
        }
        out.write(bytes, done, length - done);
        return out.toByteArray();
    }

    /** A name as the judge reads it, in the form in which names are kept: each character is a byte of it. */
    static String inBytes(String name) {
        return new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    /** The other way round, for people. */
    static String readable(String bytes) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
