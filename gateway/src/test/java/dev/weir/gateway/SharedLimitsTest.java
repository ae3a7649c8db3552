package dev.weir.gateway;

import static dev.weir.gateway.SharedPipeliningTest.answer;
import static dev.weir.gateway.SharedPipeliningTest.query;
import static dev.weir.gateway.SharedPipeliningTest.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.tenants.Allotment;
import dev.weir.tenants.Ceilings;
import dev.weir.tenants.Rates;
import dev.weir.tenants.SharedPipelining;
import dev.weir.testkit.LeakWatch;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Statements that share a server connection are held to what their tenant may do, and may have. */
@ExtendWith(LeakWatch.class)
class SharedLimitsTest {
    private static final int RATE = 100;
    private static final Duration ONE_MORE = Duration.ofSeconds(1).dividedBy(RATE);

    private final Stage stage = new Stage(1, 10);
    private final Ceilings oneConnection = new Ceilings(Map.of(stage.host, 1), OptionalInt.empty());
    private final List<Stage.Client> clients = new ArrayList<>();

    @BeforeEach
    void begin() {
        stage.limit(3, 10, Allotment.NONE, oneConnection);
        for (int i = 0; i < 4; i++) {
            clients.add(stage.client(Mode.TRANSACTION).loggedIn());
        }
        for (int i = 0; i < 2; i++) {
            serve(); // and see that such statements are short
        }
    }

    @AfterEach
    void close() {
        stage.close();
    }

    private EmbeddedChannel server() {
        return stage.servers.getFirst();
    }

    private void serve() {
        clients.getFirst().gets(query("select 0"));
        stage.loop.advance(Duration.ofMillis(1));
        stage.serverSends(server(), answer("served"));
        assertThat(told(0)).contains("served");
        asked();
    }

    private String asked() {
        stage.settle();
        return text(server());
    }

    private String told(int client) {
        stage.settle();
        return text(clients.get(client).channel);
    }

    @Test
    void sharesWhatItHasWhenTheHostAllowsNoMore() {
        for (int i = 0; i < 3; i++) {
            clients.get(i).gets(query("select " + i));
        }
        assertThat(asked()).contains("select 0", "select 1", "select 2");
        assertThat(stage.servers).as("of a pool of three").hasSize(1);
        for (int i = 0; i < 3; i++) {
            stage.serverSends(server(), answer("row " + i));
            assertThat(told(i)).contains("row " + i);
        }
    }

    @Test
    void opensAnotherInsteadWhereTheHostAllowsIt() {
        stage.limit(3, 10, Allotment.NONE, Ceilings.NONE);
        clients.getFirst().gets(query("select 0"));
        clients.get(1).gets(query("select 1"));
        assertThat(asked()).contains("select 0").doesNotContain("select 1");
        assertThat(stage.servers).hasSize(2);
    }

    @Test
    void noneSharesWhereThatIsOff() {
        stage.share(1, 10, new SharedPipelining(false, 16));
        clients.getFirst().gets(query("select 0"));
        clients.get(1).gets(query("select 1"));
        assertThat(asked()).contains("select 0").doesNotContain("select 1");
        stage.serverSends(server(), answer("row"));
        assertThat(asked()).contains("select 1");
    }

    @Test
    void noMoreShareThanTheDepth() {
        stage.share(1, 10, new SharedPipelining(true, 2));
        for (int i = 0; i < 3; i++) {
            clients.get(i).gets(query("select 1" + i));
        }
        assertThat(asked()).contains("select 10", "select 11").doesNotContain("select 12");
        stage.serverSends(server(), answer("row").writeBytes(answer("row")));
        assertThat(asked()).contains("select 12");
    }

    @Test
    void eachIsATransactionToTheTenantsRate() {
        stage.limit(3, 10, new Allotment(1, 0, OptionalInt.empty(), new Rates(0, RATE, 0)), oneConnection);
        for (int i = 0; i < RATE + RATE / 10; i++) { // the clock advances by a millisecond each time
            serve();
        }
        stage.loop.advance(ONE_MORE.multipliedBy(3).dividedBy(2)); // for one and a half behind the one that is left
        for (int i = 0; i < 4; i++) {
            clients.get(i).gets(query("select 1" + i));
        }
        assertThat(asked()).contains("select 10", "select 11").doesNotContain("select 12", "select 13");
        stage.serverSends(server(), answer("one"));
        assertThat(told(0)).contains("one");
        assertThat(asked()).as("though another would fit").isEmpty();
        stage.loop.advance(ONE_MORE);
        assertThat(asked()).contains("select 12").doesNotContain("select 13");
        stage.serverSends(server(), answer("two").writeBytes(answer("three")));
        assertThat(asked()).as("though the server connection is idle").isEmpty();
        stage.loop.advance(ONE_MORE);
        assertThat(asked()).contains("select 13");
    }

    @Test
    void roomIsNotKeptFromThoseBehindOneWithOtherParameters() {
        Stage.Client other = clients.get(3);
        other.gets(query("set work_mem = '1MB'"));
        stage.serverSends(server(), "CZ");
        stage.share(2, 10, new SharedPipelining(true, 2));
        clients.getFirst().gets(query("begin"));
        stage.serverSends(server(), "CZ"); // work_mem as it was
        clients.get(1).gets(query("begin"));
        EmbeddedChannel second = stage.serverWelcomes();
        for (EmbeddedChannel server : stage.servers) {
            stage.serverSends(server, "Cz");
        }
        for (int i = 0; i < 2; i++) {
            clients.get(i).gets(query("commit"));
            stage.serverSends(stage.servers.get(i), "CZ");
        }
        asked();
        text(second);
        for (int i = 0; i < 2; i++) {
            clients.add(stage.client(Mode.TRANSACTION).loggedIn());
        }
        for (int i : List.of(0, 1, 2, 4)) {
            clients.get(i).gets(query("select 1" + i));
        }
        assertThat(asked()).contains("select 1");
        assertThat(text(second)).contains("select 10");
        other.gets(query("select 13"));
        clients.get(5).gets(query("select 15"));
        stage.serverSends(server(), answer("row"));
        assertThat(asked()).contains("select 15").doesNotContain("select 13");
        stage.serverSends(second, answer("row").writeBytes(answer("row")));
        assertThat(text(second)).contains("work_mem");
    }
}
