package dev.weir.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.LeakWatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakWatch.class)
class LoginTest {

    private static String text(Stage.Client client) {
        StringBuilder all = new StringBuilder();
        for (ByteBuf out = client.channel.readOutbound(); out != null; out = client.channel.readOutbound()) {
            all.append(out.toString(StandardCharsets.ISO_8859_1));
            out.release();
        }
        return all.toString();
    }

    @Test
    void welcomesWhoKnowsThePassword() {
        try (Stage stage = new Stage(1, 10)) {
            Stage.Client client = stage.client(Mode.TRANSACTION).proven(Stage.PASSWORD);
            assertThat(client.got())
                    .as("the server's proof, and no more before a server is there")
                    .isEqualTo("R");
            stage.serverWelcomes();
            assertThat(client.got()).isEqualTo("RSKZ");
        }
    }

    @Test
    void answersAWrongPasswordAndAnUnknownUserTheSameWay() {
        try (Stage stage = new Stage(1, 10)) {
            String wrong = text(stage.client(Mode.TRANSACTION).proven("wrong"));
            String unknown = text(stage.new Client(Mode.TRANSACTION, "abc").proven("wrong"));
            assertThat(wrong).contains("28P01").isEqualTo(unknown.replace("abc", "app"));
            assertThat(stage.servers).isEmpty();
        }
    }

    @Test
    void admitsAsManyAsTheTenantMayHave() {
        try (Stage stage = new Stage(1, 1)) {
            stage.client(Mode.TRANSACTION).loggedIn();
            assertThat(text(stage.client(Mode.TRANSACTION).proven(Stage.PASSWORD)))
                    .contains("53300");
        }
    }

    /** Its password was right when it began, and is not when it ends. */
    @Test
    void rejectsWhoseUserHasChangedMeanwhile() {
        try (Stage stage = new Stage(1, 10)) {
            Stage.Client client = stage.client(Mode.TRANSACTION);
            stage.configure(1, 10, "other");
            assertThat(text(client.proven(Stage.PASSWORD))).contains("28P01");
            assertThat(stage.lanes.view(false).join().getFirst().homes())
                    .as("nothing is made for whom is not let in")
                    .noneMatch(home -> home.tenant().id().equals(stage.tenantId));
        }
    }

    @Test
    void refusesADatabaseThatIsDisabledUntilItIsEnabled() {
        try (Stage stage = new Stage(1, 10)) {
            stage.home().disable("db");
            Stage.Client client = stage.client(Mode.TRANSACTION);
            assertThat(text(client.proven(Stage.PASSWORD))).contains("57P03");
            assertThat(client.channel.isOpen()).isFalse();
            assertThat(stage.home().residents()).isZero();
            stage.home().enable("db");
            stage.client(Mode.TRANSACTION).loggedIn();
        }
    }

    @Test
    void endsWithItsDeadline() {
        try (Stage stage = new Stage(1, 10)) {
            Stage.Client client = stage.client(Mode.SESSION).challenged();
            stage.loop.advance(Stage.LOGIN_TIMEOUT);
            assertThat(text(client)).contains("57014");
            assertThat(client.channel.isOpen()).isFalse();
        }
    }

    @Test
    void refusesWhatIsNoSaslResponse() {
        for (ByteBuf bad : List.of(
                Stage.message('Q'),
                Stage.message('p'),
                Unpooled.buffer().writeByte('p').writeInt(5000),
                Unpooled.buffer().writeByte('p').writeInt(2),
                Unpooled.buffer().writeByte('p').writeInt(6).writeByte('A').writeByte(0),
                Unpooled.buffer()
                        .writeByte('p')
                        .writeInt(10)
                        .writeByte('A')
                        .writeByte(0)
                        .writeInt(7))) {
            try (Stage stage = new Stage(1, 10)) {
                Stage.Client client = stage.client(Mode.SESSION).offered();
                client.gets(bad);
                assertThat(text(client)).contains("08P01");
                assertThat(client.channel.isOpen()).isFalse();
            }
        }
    }
}
