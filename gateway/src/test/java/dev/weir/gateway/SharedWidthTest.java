package dev.weir.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.pool.LaneView;
import dev.weir.tenants.Allotment;
import dev.weir.tenants.Ceilings;
import dev.weir.tenants.SharedPipelining;
import dev.weir.testkit.LeakWatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Over how many server connections a crowd's statements are spread. The test is a server that takes so long for each
 * statement, and so long more to switch between connections.
 */
@ExtendWith(LeakWatch.class)
class SharedWidthTest {
    private static final int POOL = 4;
    private static final int CLIENTS = 24;
    private static final Duration LEARNING = Duration.ofMillis(1_500);
    /** In which time two have proved better than four. */
    private static final Duration MOST_LEARNING = Duration.ofSeconds(10);

    private static final Duration STATEMENT = Duration.ofNanos(100_000);
    private static final Duration SWITCH = Duration.ofNanos(200_000);

    private final Stage stage = new Stage(POOL, 30);
    private final List<Stage.Client> clients = new ArrayList<>();

    /** Each client's statement that has not been answered; null if there is none. */
    private final List<String> asked = new ArrayList<>();

    private long statements;

    /** Server connections with statements in the last round. */
    private int busy;

    @BeforeEach
    void openAll() {
        limitHost(POOL);
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(stage.client(Mode.TRANSACTION).loggedIn());
            asked.add(null);
        }
        for (int i = 0; i < POOL; i++) {
            clients.get(i).gets(SharedPipeliningTest.query("begin"));
            if (i > 0) {
                stage.serverWelcomes(); // one more, since none was idle
            }
        }
        stage.settle();
        for (EmbeddedChannel server : stage.servers) {
            Stage.sent(server);
            stage.serverSends(server, SharedPipeliningTest.answer("done"));
        }
        stage.settle();
        clients.forEach(client -> Stage.sent(client.channel));
        assertThat(stage.servers).hasSize(POOL);
    }

    @AfterEach
    void close() {
        stage.close();
    }

    @Test
    void fewWhereSwitchingCosts() {
        serve(LEARNING, false);
        assertThat(usualServers(false)).isLessThan(POOL);
    }

    @Test
    void allWhereEachServesByItself() {
        serve(LEARNING, true);
        assertThat(usualServers(true)).isEqualTo(POOL);
    }

    @Test
    void leavesTheOthersToThoseWhoNeedOneAlone() {
        serve(LEARNING, false);
        List<EmbeddedChannel> idle = idleServers();
        for (int i = 0; i < 300 && idle.isEmpty(); i++) { // all are in use while it is tried whether that is better
            answerAll(false);
            idle = idleServers();
        }
        assertThat(idle).isNotEmpty();
        Stage.Client alone = stage.client(Mode.TRANSACTION).loggedIn();
        alone.gets(SharedPipeliningTest.query("begin"));
        stage.settle();
        assertThat(idle).anyMatch(server -> texts(server).equals(List.of("begin")));
    }

    @Test
    void allAgainWhenItIsCalm() {
        serve(LEARNING, false);
        for (int i = 0; i < 40; i++) {
            if (asked.getFirst() == null) {
                ask(0);
            }
            answerAll(false);
            stage.loop.advance(Duration.ofMillis(100));
        }
        crowdAsks();
        answerAll(false);
        assertThat(busy).isEqualTo(POOL);
    }

    @Test
    void opensNoneForATrialWhileNobodyAsks() {
        serve(LEARNING, false);
        List.copyOf(stage.servers).forEach(EmbeddedChannel::close);
        stage.loop.advance(Duration.ofSeconds(1));
        stage.settle();
        assertThat(stage.servers).hasSize(POOL);
    }

    @Test
    void opensMoreInPlaceOfThoseThatAreNotShared() {
        serveUntilTwoHaveProvedBetter();
        stage.share(POOL + 2, 30, SharedPipelining.DEFAULTS);
        EmbeddedChannel shared = lendAllBut(1).getFirst();
        for (int i = 0; i < 100 && stage.servers.size() == POOL; i++) {
            crowdAsks();
            List<String> texts = texts(shared);
            stage.loop.advance(time(texts));
            answer(shared, texts);
            collect();
        }
        assertThat(stage.servers).hasSizeGreaterThan(POOL);
    }

    @Test
    void givesUpWhatIsSharedWhereTheHostAllowsFewer() {
        serveUntilTwoHaveProvedBetter();
        List<EmbeddedChannel> shared = lendAllBut(2);
        crowdAsks();
        List<Integer> sizes = new ArrayList<>();
        shared.forEach(server -> sizes.add(texts(server).size()));
        assertThat(sizes).doesNotContain(0);
        limitHost(POOL - 1);
        stage.settle();
        for (int i = 0; i < 2; i++) {
            answerAny(shared.get(i), sizes.get(i) - 1);
        }
        crowdAsks();
        assertThat(shared)
                .as("of which nobody gets on one")
                .anyMatch(server -> texts(server).isEmpty());
        shared.forEach(server -> answerAny(server, 1));
        assertThat(shared).filteredOn(EmbeddedChannel::isActive).hasSize(1);
    }

    /** Says so to whoever's turn it is. */
    private void answerAny(EmbeddedChannel server, int count) {
        for (int i = 0; i < count; i++) {
            stage.serverSends(server, SharedPipeliningTest.answer("any"));
        }
        for (int i = 0; i < clients.size(); i++) {
            if (!SharedPipeliningTest.text(clients.get(i).channel).isEmpty()) {
                asked.set(i, null);
            }
        }
    }

    private void limitHost(int most) {
        stage.limit(POOL, 30, Allotment.NONE, new Ceilings(Map.of(stage.host, most), OptionalInt.empty()));
    }

    /** @return those that are left, when each of the others is in a transaction */
    private List<EmbeddedChannel> lendAllBut(int count) {
        List<EmbeddedChannel> left = new ArrayList<>(stage.servers);
        for (int i = count; i < POOL; i++) {
            stage.client(Mode.TRANSACTION).loggedIn().gets(SharedPipeliningTest.query("begin"));
            EmbeddedChannel lent = left.stream()
                    .filter(server -> texts(server).equals(List.of("begin")))
                    .findFirst()
                    .orElseThrow();
            stage.serverSends(lent, "Cz");
            left.remove(lent);
        }
        return left;
    }

    /** Every client asks as soon as it is answered. */
    private void serve(Duration time, boolean independent) {
        long nanos = 0;
        while (nanos < time.toNanos()) {
            crowdAsks();
            nanos += answerAll(independent);
        }
    }

    /** And not longer, since then one is tried. */
    private void serveUntilTwoHaveProvedBetter() {
        Duration step = Duration.ofMillis(5);
        for (Duration time = Duration.ZERO; sharingWidth() != 2; time = time.plus(step)) {
            assertThat(time).isLessThan(MOST_LEARNING);
            serve(step, false);
        }
    }

    private int sharingWidth() {
        return LaneView.homes(stage.lanes.view(true).join()).stream()
                .filter(home -> home.tenant().id().equals(stage.tenantId))
                .mapToInt(home -> home.pools().getFirst().sharingWidth())
                .sum();
    }

    /** Over how many server connections a crowd's statements are spread in most rounds; trials go on meanwhile. */
    private int usualServers(boolean independent) {
        int[] rounds = new int[POOL + 1];
        for (int i = 0; i < 300; i++) {
            crowdAsks();
            answerAll(independent);
            rounds[busy]++;
        }
        return IntStream.rangeClosed(0, POOL)
                .boxed()
                .max(Comparator.comparingInt(servers -> rounds[servers]))
                .orElseThrow();
    }

    private List<EmbeddedChannel> idleServers() {
        crowdAsks();
        return stage.servers.stream()
                .filter(server -> server.outboundMessages().isEmpty())
                .toList();
    }

    private void crowdAsks() {
        for (int i = 0; i < clients.size(); i++) {
            if (asked.get(i) == null) {
                ask(i);
            }
        }
        stage.settle();
    }

    private void ask(int client) {
        String text = "select " + ++statements;
        asked.set(client, text);
        clients.get(client).gets(SharedPipeliningTest.query(text));
    }

    /** @return what it took, in nanoseconds */
    private long answerAll(boolean independent) {
        stage.settle();
        busy = 0;
        long took = independent ? answerAtOnce() : answerInTurn();
        collect();
        return took;
    }

    private long answerInTurn() {
        long took = 0;
        for (EmbeddedChannel server : stage.servers) {
            List<String> texts = texts(server);
            if (!texts.isEmpty()) {
                stage.loop.advance(time(texts));
                took += time(texts).toNanos();
                answer(server, texts);
            }
        }
        return took;
    }

    private long answerAtOnce() {
        List<List<String>> all =
                stage.servers.stream().map(SharedWidthTest::texts).toList();
        Duration longest =
                all.stream().map(SharedWidthTest::time).max(Duration::compareTo).orElseThrow();
        stage.loop.advance(longest);
        for (int i = 0; i < POOL; i++) {
            answer(stage.servers.get(i), all.get(i));
        }
        return longest.toNanos();
    }

    private static Duration time(List<String> texts) {
        return STATEMENT.multipliedBy(texts.size()).plus(SWITCH);
    }

    private void answer(EmbeddedChannel server, List<String> texts) {
        busy += texts.isEmpty() ? 0 : 1;
        ByteBuf replies = Unpooled.buffer();
        for (String text : texts) {
            ByteBuf reply = SharedPipeliningTest.answer(text);
            replies.writeBytes(reply);
            reply.release();
        }
        stage.serverSends(server, replies);
    }

    private void collect() {
        stage.settle();
        for (int i = 0; i < clients.size(); i++) {
            String told = SharedPipeliningTest.text(clients.get(i).channel);
            if (!told.isEmpty()) {
                assertThat(told).contains(asked.get(i));
                asked.set(i, null);
            }
        }
    }

    /** The statements that have reached a server since the last call. */
    private static List<String> texts(EmbeddedChannel server) {
        List<String> texts = new ArrayList<>();
        for (ByteBuf out = server.readOutbound(); out != null; out = server.readOutbound()) {
            while (out.isReadable()) {
                assertThat((char) out.readByte()).isEqualTo('Q');
                int length = out.readInt() - 4;
                texts.add(out.readCharSequence(length - 1, StandardCharsets.US_ASCII)
                        .toString());
                out.skipBytes(1);
            }
            out.release();
        }
        return texts;
    }
}
