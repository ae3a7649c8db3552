package dev.weir.wire;

import io.netty.buffer.ByteBuf;
import java.util.List;

/** Type bytes of the messages that a server sends, and those that Weir itself sends to its clients. */
public final class Backend {
    public static final byte AUTHENTICATION = 'R';
    public static final byte BACKEND_KEY_DATA = 'K';
    public static final byte BIND_COMPLETE = '2';
    public static final byte CLOSE_COMPLETE = '3';
    public static final byte COMMAND_COMPLETE = 'C';
    public static final byte COPY_BOTH_RESPONSE = 'W';
    public static final byte COPY_DATA = 'd';
    public static final byte COPY_DONE = 'c';
    public static final byte COPY_IN_RESPONSE = 'G';
    public static final byte COPY_OUT_RESPONSE = 'H';
    public static final byte DATA_ROW = 'D';
    public static final byte EMPTY_QUERY_RESPONSE = 'I';
    public static final byte ERROR_RESPONSE = 'E';
    public static final byte FUNCTION_CALL_RESPONSE = 'V';
    public static final byte NEGOTIATE_PROTOCOL_VERSION = 'v';
    public static final byte NO_DATA = 'n';
    public static final byte NOTICE_RESPONSE = 'N';
    public static final byte NOTIFICATION_RESPONSE = 'A';
    public static final byte PARAMETER_DESCRIPTION = 't';
    public static final byte PARAMETER_STATUS = 'S';
    public static final byte PARSE_COMPLETE = '1';
    public static final byte PORTAL_SUSPENDED = 's';
    public static final byte READY_FOR_QUERY = 'Z';
    public static final byte ROW_DESCRIPTION = 'T';

    /** Transaction status of ReadyForQuery: idle, in a transaction, in a failed one. */
    public static final byte IDLE = 'I';

    public static final byte IN_TRANSACTION = 'T';
    public static final byte IN_FAILED_TRANSACTION = 'E';

    /** Codes of the AuthenticationXXX messages. */
    public static final int AUTH_OK = 0;

    public static final int AUTH_CLEARTEXT_PASSWORD = 3;
    public static final int AUTH_MD5_PASSWORD = 5;
    public static final int AUTH_SASL = 10;
    public static final int AUTH_SASL_CONTINUE = 11;
    public static final int AUTH_SASL_FINAL = 12;

    private Backend() {}

    public static void writeAuthenticationOk(ByteBuf out) {
        writeAuthentication(out, AUTH_OK, new byte[0]);
    }

    public static void writeAuthenticationSasl(ByteBuf out, List<String> mechanisms) {
        int start = Frames.begin(out, AUTHENTICATION);
        out.writeInt(AUTH_SASL);
        for (String mechanism : mechanisms) {
            Frames.writeCString(out, mechanism);
        }
        out.writeByte(0);
        Frames.end(out, start);
    }

    /** AuthenticationSASLContinue, -SASLFinal and the like: a code and what the mechanism says. */
    public static void writeAuthentication(ByteBuf out, int code, byte[] data) {
        int start = Frames.begin(out, AUTHENTICATION);
        out.writeInt(code);
        out.writeBytes(data);
        Frames.end(out, start);
    }

    public static void writeParameterStatus(ByteBuf out, String name, String value) {
        int start = Frames.begin(out, PARAMETER_STATUS);
        Frames.writeCString(out, name);
        Frames.writeCString(out, value);
        Frames.end(out, start);
    }

    public static void writeBackendKeyData(ByteBuf out, int processId, byte[] key) {
        int start = Frames.begin(out, BACKEND_KEY_DATA);
        out.writeInt(processId);
        out.writeBytes(key);
        Frames.end(out, start);
    }

    public static void writeReadyForQuery(ByteBuf out, byte status) {
        out.writeByte(READY_FOR_QUERY);
        out.writeInt(5);
        out.writeByte(status);
    }

    /**
     * @param version the newest version served, as in {@link ProtocolVersion#code}
     * @param unknownOptions the {@code _pq_.} options that were not understood
     */
    public static void writeNegotiateProtocolVersion(ByteBuf out, int version, List<String> unknownOptions) {
        int start = Frames.begin(out, NEGOTIATE_PROTOCOL_VERSION);
        out.writeInt(version);
        out.writeInt(unknownOptions.size());
        for (String option : unknownOptions) {
            Frames.writeCString(out, option);
        }
        Frames.end(out, start);
    }
}
