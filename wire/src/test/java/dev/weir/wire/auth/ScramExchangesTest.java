package dev.weir.wire.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.wire.Sqlstate;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Both halves talking to each other, undisturbed and with every message bent. */
class ScramExchangesTest {

    private static final ChannelBinding NONE = new ChannelBinding.None();
    private static final ChannelBinding BOUND = new ChannelBinding.ServerEndPoint(new byte[] {1, 2, 3, 4});
    private static final UnaryOperator<byte[]> AS_IT_IS = UnaryOperator.identity();
    private static final byte[] SALT = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final ScramKeys KEYS = ScramKeys.derive("pencil", SALT, 4);

    /** What becomes of the four messages on their way, and what the halves make of it in the end. */
    private record Way(
            UnaryOperator<byte[]> clientFirst,
            UnaryOperator<byte[]> serverFirst,
            UnaryOperator<byte[]> clientFinal,
            UnaryOperator<byte[]> serverFinal) {}

    private record End(Object server, Object client) {}

    private static final Way UNDISTURBED = new Way(AS_IT_IS, AS_IT_IS, AS_IT_IS, AS_IT_IS);

    private static ScramServerExchange server(ScramVerifier verifier, ChannelBinding binding) {
        return new ScramServerExchange(verifier, true, binding, Seeded.nonces(1));
    }

    /** The client derives from its password whatever salt and count it is told, as a real one would. */
    private static End talk(ScramServerExchange server, ChannelBinding binding, String password, Way way) {
        return talk(
                server,
                server.mechanisms(),
                binding,
                way,
                ask -> ScramKeys.derive(password, ask.salt(), ask.iterations()));
    }

    private interface KeySource {
        ScramKeys keys(ScramClientExchange.DeriveKeys ask);
    }

    private static End talk(
            ScramServerExchange server, List<String> offered, ChannelBinding binding, Way way, KeySource source) {
        ScramClientExchange client = new ScramClientExchange(Seeded.nonces(2));
        if (!(client.start(offered, binding) instanceof ScramClientExchange.Begin begin)) {
            throw new AssertionError("The client did not begin");
        }
        ScramServerExchange.FirstReply first =
                server.clientFirst(begin.mechanism(), way.clientFirst.apply(begin.clientFirst()));
        if (!(first instanceof ScramServerExchange.Continue challenge)) {
            return new End(first, begin);
        }
        ScramClientExchange.KeyStep asked = client.serverFirst(way.serverFirst.apply(challenge.serverFirst()));
        if (!(asked instanceof ScramClientExchange.DeriveKeys ask)) {
            return new End(challenge, asked);
        }
        ScramClientExchange.FinishStep finish = client.finish(source.keys(ask));
        if (!(finish instanceof ScramClientExchange.Answer answer)) {
            return new End(challenge, finish);
        }
        ScramServerExchange.FinalReply reply = server.clientFinal(way.clientFinal.apply(answer.clientFinal()));
        if (!(reply instanceof ScramServerExchange.Accepted accepted)) {
            return new End(reply, answer);
        }
        return new End(accepted, client.serverFinal(way.serverFinal.apply(accepted.serverFinal())));
    }

    private static void assertBothSatisfied(End end) {
        assertThat(end.server).isInstanceOf(ScramServerExchange.Accepted.class);
        assertThat(end.client).isEqualTo(new ScramClientExchange.Verified());
    }

    @Test
    void acceptsTheRightPasswordAndRejectsAnother() {
        Random random = Seeded.random("acceptsTheRightPasswordAndRejectsAnother");
        for (int i = 0; i < 500; i++) {
            String password = Seeded.password(random);
            byte[] salt = Seeded.bytes(random, 1 + random.nextInt(32));
            int iterations = 1 + random.nextInt(20);
            ChannelBinding binding = random.nextBoolean() ? BOUND : NONE;
            ScramVerifier verifier = ScramVerifier.derive(password, salt, iterations);

            assertBothSatisfied(talk(server(verifier, binding), binding, password, UNDISTURBED));
            assertThat(talk(server(verifier, binding), binding, password + "x", UNDISTURBED).server)
                    .isEqualTo(new ScramServerExchange.Rejected());
        }
    }

    @Test
    void recoversTheKeysFromTheProofAndTheyLogInElsewhere() {
        End first = talk(server(KEYS.verifier(), BOUND), BOUND, "pencil", UNDISTURBED);
        if (!(first.server instanceof ScramServerExchange.Accepted accepted)) {
            throw new AssertionError(first.server);
        }
        assertThat(accepted.keys()).isEqualTo(KEYS);

        ScramServerExchange elsewhere = server(KEYS.verifier(), NONE);
        assertBothSatisfied(talk(elsewhere, elsewhere.mechanisms(), NONE, UNDISTURBED, ask -> accepted.keys()));
    }

    @Test
    void tellsThatKeysBelongToAnotherVerifier() {
        ScramServerExchange salted = server(ScramVerifier.derive("pencil", new byte[] {7}, 4), NONE);
        assertThat(talk(salted, salted.mechanisms(), NONE, UNDISTURBED, ask -> KEYS).client)
                .isInstanceOfSatisfying(
                        ScramClientExchange.Failed.class,
                        failed -> assertThat(failed.message()).contains("another salt"));
        ScramServerExchange counted = server(ScramVerifier.derive("pencil", SALT, 5), NONE);
        assertThat(talk(counted, counted.mechanisms(), NONE, UNDISTURBED, ask -> KEYS).client)
                .isInstanceOfSatisfying(
                        ScramClientExchange.Failed.class,
                        failed -> assertThat(failed.message()).contains("5 iterations, the keys have 4"));
    }

    @Test
    void rejectsUnknownUsersWhateverTheirProofAndInTheSameForm() {
        ScramVerifier mock = ScramVerifier.mock(new byte[] {5}, "nobody", 4);
        assertThat(talk(new ScramServerExchange(mock, false, BOUND, Seeded.nonces(1)), BOUND, "pencil", UNDISTURBED)
                        .server)
                .isEqualTo(new ScramServerExchange.Rejected());
        assertThat(talk(
                                new ScramServerExchange(KEYS.verifier(), false, BOUND, Seeded.nonces(1)),
                                BOUND,
                                "pencil",
                                UNDISTURBED)
                        .server)
                .isEqualTo(new ScramServerExchange.Rejected());

        byte[] clientFirst = "n,,n=,r=abc".getBytes(StandardCharsets.US_ASCII);
        String known = first(new ScramServerExchange(KEYS.verifier(), true, NONE, Seeded.nonces(1)), clientFirst);
        String unknown = first(new ScramServerExchange(mock, false, NONE, Seeded.nonces(1)), clientFirst);
        assertThat(unknown.replaceFirst("s=[^,]*", "")).isEqualTo(known.replaceFirst("s=[^,]*", ""));
        assertThat(unknown).hasSameSizeAs(known);
    }

    private static String first(ScramServerExchange server, byte[] clientFirst) {
        if (!(server.clientFirst(SaslMechanisms.SCRAM_SHA_256, clientFirst)
                instanceof ScramServerExchange.Continue challenge)) {
            throw new AssertionError("No challenge");
        }
        return new String(challenge.serverFirst(), StandardCharsets.US_ASCII);
    }

    @Test
    void findsWhoeverStrikesTheBindingFromTheList() {
        ScramServerExchange server = server(KEYS.verifier(), BOUND);
        End end = talk(server, List.of(SaslMechanisms.SCRAM_SHA_256), BOUND, UNDISTURBED, ask -> KEYS);
        assertThat(end.server)
                .isInstanceOfSatisfying(
                        ScramServerExchange.Violation.class,
                        violation -> assertThat(violation.sqlstate())
                                .isEqualTo(Sqlstate.INVALID_AUTHORIZATION_SPECIFICATION));
    }

    @Test
    void findsWhoeverShowsAnotherCertificate() {
        ChannelBinding other = new ChannelBinding.ServerEndPoint(new byte[] {1, 2, 3, 5});
        assertThat(talk(server(KEYS.verifier(), BOUND), other, "pencil", UNDISTURBED).server)
                .isInstanceOf(ScramServerExchange.Violation.class);
    }

    @Test
    void bindsOnlyWhereBothCan() {
        assertBothSatisfied(talk(server(KEYS.verifier(), BOUND), NONE, "pencil", UNDISTURBED));
        assertBothSatisfied(talk(server(KEYS.verifier(), NONE), BOUND, "pencil", UNDISTURBED));
    }

    /** Every byte flipped in eight ways and every truncation of every message: never satisfied, never an exception. */
    @Test
    void noBentMessageIsAccepted() {
        for (ChannelBinding binding : List.of(NONE, BOUND)) {
            bend(binding, bent -> new Way(bent, AS_IT_IS, AS_IT_IS, AS_IT_IS));
            bend(binding, bent -> new Way(AS_IT_IS, bent, AS_IT_IS, AS_IT_IS));
            bend(binding, bent -> new Way(AS_IT_IS, AS_IT_IS, bent, AS_IT_IS));
            bend(binding, bent -> new Way(AS_IT_IS, AS_IT_IS, AS_IT_IS, bent));
        }
    }

    private static void bend(ChannelBinding binding, Function<UnaryOperator<byte[]>, Way> on) {
        int[] length = new int[1];
        assertBothSatisfied(talk(server(KEYS.verifier(), binding), binding, "pencil", on.apply(message -> {
            length[0] = message.length;
            return message;
        })));
        assertThat(length[0]).isPositive();
        for (int i = 0; i < length[0]; i++) {
            int at = i;
            assertNotSatisfied(binding, on.apply(message -> Arrays.copyOf(message, at)));
            for (int mask : new int[] {1, 2, 4, 8, 16, 32, 64, 128}) {
                assertNotSatisfied(binding, on.apply(message -> {
                    byte[] bent = message.clone();
                    bent[at] ^= (byte) mask;
                    return bent;
                }));
            }
        }
        assertNotSatisfied(binding, on.apply(message -> new byte[5000]));
        assertNotSatisfied(binding, on.apply(message -> Arrays.copyOf(message, message.length + 1)));
    }

    private static void assertNotSatisfied(ChannelBinding binding, Way way) {
        End end = talk(server(KEYS.verifier(), binding), binding, "pencil", way);
        assertThat(end.client).isNotInstanceOf(ScramClientExchange.Verified.class);
        if (end.server instanceof ScramServerExchange.Accepted) {
            assertThat(end.client).isInstanceOf(ScramClientExchange.Failed.class);
        }
    }
}
