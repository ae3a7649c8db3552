package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Conversation;
import dev.weir.testkit.Conversation.Reach;
import dev.weir.testkit.Conversations;
import dev.weir.testkit.Destination;
import dev.weir.testkit.FaultProxy;
import dev.weir.testkit.FaultProxy.Direction;
import dev.weir.testkit.TestPostgres;
import dev.weir.testkit.TestPostgres.Options;
import dev.weir.testkit.TestPostgres.Version;
import dev.weir.testkit.Transcript;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The same conversation with Postgres itself and through Weir: frame by frame, nothing differs. */
class PooledConversationsIT {
    private static final String DATABASE = "conversations";
    private static final String USER = "postgres.acme";
    private static final String PASSWORD = "postgres";

    private static TestPostgres postgres;
    private static WeirFixture weir;

    @BeforeAll
    static void start() {
        postgres = TestPostgres.shared();
        postgres.createDatabase(DATABASE);
        Conversations.prepare(postgres, DATABASE);
        weir = WeirFixture.before(postgres);
    }

    @AfterAll
    static void stop() {
        weir.close();
    }

    static List<Conversation> inTransactionMode() {
        return Conversations.reaching(Reach.TRANSACTION);
    }

    static List<Conversation> inSessionMode() {
        return Conversations.all();
    }

    @ParameterizedTest
    @MethodSource
    void inTransactionMode(Conversation conversation) {
        compare(conversation, postgres, weir.transaction(USER, PASSWORD, DATABASE));
    }

    @ParameterizedTest
    @MethodSource
    void inSessionMode(Conversation conversation) {
        compare(conversation, postgres, weir.session(USER, PASSWORD, DATABASE));
    }

    @Test
    void onTheOldMajorToo() {
        try (TestPostgres old = TestPostgres.start(Version.POSTGRES_15, Options.defaults())) {
            Conversations.prepare(old, "postgres");
            try (WeirFixture before = WeirFixture.before(old)) {
                for (Conversation conversation : Conversations.reaching(Reach.TRANSACTION)) {
                    compare(conversation, old, before.transaction(USER, PASSWORD, "postgres"));
                }
                for (Conversation conversation : Conversations.all()) {
                    compare(conversation, old, before.session(USER, PASSWORD, "postgres"));
                }
            }
        }
    }

    /** A network that cuts both streams of both connections, at every offset of a frame's header in turn. */
    @ParameterizedTest
    @CsvSource({"1, 1", "2, 3", "3, 4", "4, 5", "5, 2", "6, 7"})
    void throughNetworksThatCut(int clientPiece, int serverPiece) {
        try (FaultProxy toServer = FaultProxy.to(postgres.host(), postgres.port())) {
            toServer.chunk(Direction.TO_SERVER, serverPiece).chunk(Direction.TO_CLIENT, serverPiece);
            String toml = WeirFixture.toml(postgres).replace("port = " + postgres.port(), "port = " + toServer.port());
            try (WeirFixture behind = WeirFixture.start(toml);
                    FaultProxy toWeir = FaultProxy.to("127.0.0.1", behind.weir().transactionPort())) {
                toWeir.chunk(Direction.TO_SERVER, clientPiece).chunk(Direction.TO_CLIENT, clientPiece);
                Destination destination = new Destination(toWeir.host(), toWeir.port(), USER, PASSWORD, DATABASE);
                for (Conversation conversation : Conversations.reaching(Reach.TRANSACTION)) {
                    if (!conversation.name().matches(".*(megabyte|thousand|hundred).*")) {
                        compare(conversation, postgres, destination);
                    }
                }
            }
        }
    }

    private static void compare(Conversation conversation, TestPostgres server, Destination throughWeir) {
        Transcript direct = conversation.run(server.destination("postgres", throughWeir.database()));
        Transcript pooled = conversation.run(throughWeir);
        assertThat(pooled.firstDifference(direct)).as(conversation.name()).isNull();
    }
}
