package dev.weir.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.LeakWatch;
import dev.weir.testkit.Messages;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a client sends while its request is being repeated stays behind it. */
@ExtendWith(LeakWatch.class)
class RepetitionTest {
    private static ByteBuf changedPlan() {
        String fields = "SERROR\0VERROR\0C0A000\0Mcached plan must not change result type\0RRevalidateCachedQuery\0\0";
        byte[] body = fields.getBytes(StandardCharsets.US_ASCII);
        return Unpooled.buffer().writeByte('E').writeInt(4 + body.length).writeBytes(body);
    }

    /** Postgres flushes an error at once, so ReadyForQuery may come later. */
    @Test
    void whatComesBetweenTheErrorAndReadyForQueryStaysBehindWhatIsRepeated() {
        try (Stage stage = new Stage(1, 10)) {
            Stage.Client client = stage.client(Mode.TRANSACTION).loggedIn();
            EmbeddedChannel server = stage.servers.getFirst();
            client.gets(Unpooled.wrappedBuffer(Messages.parse("s", "select * from t"), Messages.sync()));
            stage.serverSends(server, "1Z");
            assertThat(client.got()).isEqualTo("1Z");
            Stage.sent(server);
            client.gets(Unpooled.wrappedBuffer(Messages.bind("", "s"), Messages.execute("", 0), Messages.sync()));
            assertThat(Stage.sent(server)).isEqualTo("BES");
            stage.serverSends(server, changedPlan());
            client.gets(Unpooled.wrappedBuffer(Messages.query("select 2")));
            stage.serverSends(server, "Z");
            assertThat(Stage.sent(server)).endsWith("BESQ");
        }
    }
}
