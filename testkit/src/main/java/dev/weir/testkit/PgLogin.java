package dev.weir.testkit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One login by a {@link PgClient}, and what the server told in it. It speaks trust, cleartext, MD5, SCRAM-SHA-256 and,
 * over TLS where the server offers it, SCRAM-SHA-256-PLUS; its arithmetic is its own, so that it can prove ours.
 */
public final class PgLogin {
    private static final int OK = 0;
    private static final int CLEARTEXT = 3;
    private static final int MD5 = 5;
    private static final int SASL = 10;
    private static final int SASL_CONTINUE = 11;
    private static final int SASL_FINAL = 12;

    private final PgClient client;
    private final String user;
    private final @Nullable String password;
    private final Map<String, String> parameters = new LinkedHashMap<>();
    private final List<Frame> frames = new ArrayList<>();
    private Frame.@Nullable BackendKey key;
    private String mechanism = "trust";
    private @Nullable Scram scram;

    PgLogin(PgClient client, String user, @Nullable String password) {
        this.client = client;
        this.user = user;
        this.password = password;
    }

    /** ParameterStatus values up to the first ReadyForQuery, in the order they came. */
    public Map<String, String> parameters() {
        return Collections.unmodifiableMap(parameters);
    }

    /** All frames of the login. */
    public List<Frame> frames() {
        return List.copyOf(frames);
    }

    /** The cancel key; an AssertionError if the server sent none. */
    public Frame.BackendKey key() {
        if (key == null) {
            throw client.failed("the server sent no BackendKeyData", null);
        }
        return key;
    }

    /** How the server wanted it: trust, password, md5, SCRAM-SHA-256 or SCRAM-SHA-256-PLUS. */
    public String mechanism() {
        return mechanism;
    }

    Frame run(int protocol, String database, Map<String, String> more) {
        Map<String, String> startup = new LinkedHashMap<>();
        startup.put("user", user);
        startup.put("database", database);
        startup.putAll(more);
        client.send(Messages.startup(protocol, startup));
        while (true) {
            Frame frame = client.readFrame();
            frames.add(frame);
            switch (frame.type()) {
                case 'R' -> authenticate(ByteBuffer.wrap(frame.body()));
                case 'S' ->
                    parameters.put(frame.parameter().getKey(), frame.parameter().getValue());
                case 'K' -> key = frame.backendKey();
                case 'N', 'v' -> {} // a notice, or NegotiateProtocolVersion: kept in frames for the test to judge
                case 'Z', 'E' -> {
                    return frame;
                }
                default -> throw client.failed("no place for this frame in a login: " + frame, null);
            }
        }
    }

    private void authenticate(ByteBuffer in) {
        int kind = in.getInt();
        byte[] data = new byte[in.remaining()];
        in.get(data);
        switch (kind) {
            case OK -> {
                if (scram != null && !scram.serverProved()) {
                    throw client.failed("the server never proved that it knows the password", null);
                }
            }
            case CLEARTEXT -> {
                mechanism = "password";
                client.send(Messages.password(password()));
            }
            case MD5 -> {
                mechanism = "md5";
                client.send(Messages.password(md5(data)));
            }
            case SASL -> {
                Scram exchange = chooseScram(new String(data, StandardCharsets.US_ASCII));
                scram = exchange;
                byte[] first = exchange.clientFirst().getBytes(StandardCharsets.UTF_8);
                Messages.Body body = new Messages.Body().text(mechanism).value(first);
                client.send(Messages.frame('p', body));
            }
            case SASL_CONTINUE -> {
                String answer = scram().clientFinal(new String(data, StandardCharsets.UTF_8));
                client.send(Frame.of('p', answer).bytes());
            }
            case SASL_FINAL -> scram().verify(new String(data, StandardCharsets.UTF_8));
            default -> throw client.failed("unknown authentication request " + kind, null);
        }
    }

    private Scram chooseScram(String offered) {
        List<String> mechanisms = List.of(offered.split("\0"));
        X509Certificate certificate = client.serverCertificate();
        boolean plus = certificate != null && mechanisms.contains("SCRAM-SHA-256-PLUS");
        if (!plus && !mechanisms.contains("SCRAM-SHA-256")) {
            throw client.failed("no mechanism that we know in " + mechanisms, null);
        }
        mechanism = plus ? "SCRAM-SHA-256-PLUS" : "SCRAM-SHA-256";
        return new Scram(password(), plus ? certificate : null, certificate != null);
    }

    private Scram scram() {
        if (scram == null) {
            throw client.failed("the server goes on with a SASL exchange that it never began", null);
        }
        return scram;
    }

    private String password() {
        if (password == null) {
            throw client.failed("the server wants a password and the test gave none", null);
        }
        return password;
    }

    private String md5(byte[] salt) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            byte[] inner = digest.digest((password() + user).getBytes(StandardCharsets.UTF_8));
            digest.update(HexFormat.of().formatHex(inner).getBytes(StandardCharsets.US_ASCII));
            return "md5" + HexFormat.of().formatHex(digest.digest(salt));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has MD5", e);
        }
    }
}
