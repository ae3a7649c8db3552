package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Conversation;
import dev.weir.testkit.Conversations;
import dev.weir.testkit.Destination;
import dev.weir.testkit.TestPostgres;
import dev.weir.testkit.Transcript;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same conversation with Postgres itself and through Weir: frame by frame, nothing differs. */
class PooledConversationsIT {
    private static final String DATABASE = "conversations";

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

    static Stream<Conversation> inTransactionMode() {
        return Conversations.reaching(Conversation.Reach.TRANSACTION).stream();
    }

    static Stream<Conversation> inSessionMode() {
        return Conversations.all().stream();
    }

    @ParameterizedTest
    @MethodSource
    void inTransactionMode(Conversation conversation) {
        compare(conversation, weir.transaction("postgres.acme", "postgres", DATABASE));
    }

    @ParameterizedTest
    @MethodSource
    void inSessionMode(Conversation conversation) {
        compare(conversation, weir.session("postgres.acme", "postgres", DATABASE));
    }

    private static void compare(Conversation conversation, Destination throughWeir) {
        Transcript direct = conversation.run(postgres.destination("postgres", DATABASE));
        Transcript pooled = conversation.run(throughWeir);
        assertThat(direct.firstDifference(pooled)).as(conversation.toString()).isNull();
    }
}
