package dev.weir.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.LeakWatch;
import dev.weir.testkit.Messages;
import dev.weir.wire.Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What becomes of a server connection that listens for a client. */
@ExtendWith(LeakWatch.class)
class ListeningTest {
    /** What the server says when it is asked what a session has: it listens to one channel. */
    static ByteBuf listening(String channel) {
        ByteBuf out = Unpooled.buffer();
        Frames.writeEmpty(out, (byte) 'T');
        int start = Frames.begin(out, (byte) 'D');
        out.writeShort(3);
        for (String value : new String[] {"l", channel}) {
            out.writeInt(value.length()).writeCharSequence(value, StandardCharsets.US_ASCII);
        }
        out.writeInt(-1);
        Frames.end(out, start);
        Frames.writeEmpty(out, (byte) 'C');
        return out.writeBytes(Stage.message('Z'));
    }

    /** The answer comes while more of the client's is outstanding, so nothing has been moved yet. */
    @Test
    void doesNotGoToTheNextClientWhenItsClientLeavesBeforeThatIsMoved() {
        try (Stage stage = new Stage(1, 10)) {
            Stage.Client client = stage.client(Mode.TRANSACTION).loggedIn();
            EmbeddedChannel server = stage.servers.getFirst();
            client.gets(Unpooled.wrappedBuffer(Messages.query("listen mine")));
            stage.serverSends(server, "CZ");
            assertThat(Stage.sent(server))
                    .as("LISTEN, and what the session has")
                    .isEqualTo("QQ");
            client.gets(Unpooled.wrappedBuffer(Messages.query("select 1")));
            assertThat(Stage.sent(server)).isEqualTo("Q");
            stage.serverSends(server, listening("mine"));
            client.channel.close();
            stage.serverSends(server, "CZ");
            assertThat(server.isActive() ? SharedPipeliningTest.text(server) : "closed")
                    .containsAnyOf("DISCARD ALL", "closed");
        }
    }

    /** So is it when something else is asked for before that is moved, of which the answer says nothing of channels. */
    @Test
    void isMovedWhenTheServerIsAskedOnceMoreBefore() {
        try (Stage stage = new Stage(1, 10)) {
            Stage.Client client = stage.client(Mode.TRANSACTION).loggedIn();
            EmbeddedChannel server = stage.servers.getFirst();
            client.gets(Unpooled.wrappedBuffer(Messages.query("listen mine")));
            stage.serverSends(server, "CZ");
            client.gets(Unpooled.wrappedBuffer(Messages.query("select set_config('timezone', 'UTC', false)")));
            assertThat(Stage.sent(server))
                    .as("LISTEN, what the session has, and SELECT")
                    .isEqualTo("QQQ");
            stage.serverSends(server, listening("mine"));
            stage.serverSends(server, "CZ");
            assertThat(Stage.sent(server)).as("what the parameter is").isEqualTo("Q");
            assertThat(stage.servers).hasSize(1);
            stage.serverSends(server, "TCZ");
            assertThat(stage.servers).as("one to listen on").hasSize(2);
        }
    }

    /** The last one ceases to listen while what it listened to is moved: nobody needs the one to listen on any more. */
    @Test
    void keepsItsServerConnectionWhenItUnlistensWhileThatIsMoved() {
        try (Stage stage = new Stage(1, 10)) {
            Stage.Client client = stage.client(Mode.TRANSACTION).loggedIn();
            EmbeddedChannel server = stage.servers.getFirst();
            client.gets(Unpooled.wrappedBuffer(Messages.query("listen mine")));
            stage.serverSends(server, "CZ");
            stage.serverSends(server, listening("mine"));
            EmbeddedChannel ear = stage.serverWelcomes();
            client.gets(Unpooled.wrappedBuffer(Messages.query("unlisten mine")));
            assertThat(Stage.sent(ear)).as("all that was notified before").isEqualTo("Q");
            Stage.sent(server);
            stage.serverSends(ear, "CZ");
            assertThat(Stage.sent(server)).as("UNLISTEN *").isEqualTo("Q");
            stage.serverSends(ear, "IZ");
            assertThat(Stage.sent(server)).as("UNLISTEN").isEqualTo("Q");
            client.got();
            stage.serverSends(server, "CZ");
            stage.serverSends(server, "CZ");
            assertThat(client.got()).isEqualTo("CZ");
            assertThat(ear.isActive()).as("the one to listen on").isFalse();
            assertThat(server.isActive()).isTrue();
            client.gets(Unpooled.wrappedBuffer(Messages.query("select 1")));
            assertThat(Stage.sent(server)).isEqualTo("Q");
            stage.serverSends(server, "CZ");
            assertThat(client.got()).isEqualTo("CZ");
        }
    }
}
