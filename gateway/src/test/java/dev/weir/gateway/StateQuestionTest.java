package dev.weir.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.LeakWatch;
import dev.weir.wire.PgError;
import dev.weir.wire.Sqlstate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakWatch.class)
class StateQuestionTest {

    /** What was written to the server since the last call, as text. */
    private static String written(EmbeddedChannel server) {
        StringBuilder all = new StringBuilder();
        for (ByteBuf out = server.readOutbound(); out != null; out = server.readOutbound()) {
            all.append(out.toString(StandardCharsets.ISO_8859_1));
            out.release();
        }
        return all.toString();
    }

    private static void serverSaysTimeout(Stage stage, EmbeddedChannel server) {
        ByteBuf out = Unpooled.buffer();
        PgError.error(Sqlstate.QUERY_CANCELED, "canceling statement due to statement timeout")
                .writeTo(out);
        stage.serverSends(server, out);
        stage.serverSends(server, "Z");
    }

    private static Stage.Client asked(Stage stage) {
        Stage.Client client = stage.client(Mode.TRANSACTION).loggedIn();
        ByteBuf query = Unpooled.buffer();
        byte[] text = "select set_config('work_mem', '64MB', false)\0".getBytes(StandardCharsets.US_ASCII);
        query.writeByte('Q').writeInt(text.length + 4).writeBytes(text);
        client.gets(query);
        EmbeddedChannel server = stage.servers.getFirst();
        written(server);
        stage.serverSends(server, "CZ");
        return client;
    }

    @Test
    void isAskedAgainWithoutTheSessionsTimeoutAndThenPinsNobody() {
        try (Stage stage = new Stage(1, 10)) {
            Stage.Client client = asked(stage);
            EmbeddedChannel server = stage.servers.getFirst();
            assertThat(written(server)).contains("pg_settings").doesNotContain("SET LOCAL");
            serverSaysTimeout(stage, server);
            assertThat(written(server)).contains("SET LOCAL statement_timeout = 0; SELECT", "'work_mem'");
            stage.serverSends(server, "CCZ");
            assertThat(client.connection.view().pins()).isEmpty();
            assertThat(client.connection.view().server()).as("given back").isZero();
            assertThat(client.got()).isEqualTo("CZ");
        }
    }

    @Test
    void isNotAskedAThirdTime() {
        try (Stage stage = new Stage(1, 10)) {
            Stage.Client client = asked(stage);
            EmbeddedChannel server = stage.servers.getFirst();
            serverSaysTimeout(stage, server);
            written(server);
            serverSaysTimeout(stage, server);
            assertThat(written(server)).isEmpty();
            assertThat(client.connection.view().pins()).hasSize(1);
        }
    }

    /** While it is lifted, the server would say that it is zero. */
    @Test
    void readsTheSessionsTimeoutBeforeItLiftsIt() {
        String named = new StateQuestion(Set.of("statement_timeout", "work_mem"), 0, false).insistingText();
        assertThat(named)
                .startsWith(
                        "SELECT 'p', 'statement_timeout', pg_catalog.current_setting('statement_timeout'); SET LOCAL")
                .contains("'work_mem'");
        assertThat(named.substring(named.indexOf("SET LOCAL") + 30)).doesNotContain("statement_timeout");
        assertThat(new StateQuestion(Set.of(), 0, true).insistingText())
                .startsWith("SELECT 'p', 'statement_timeout'")
                .endsWith("AND name <> 'statement_timeout'");
    }
}
