package dev.weir.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Conversation.Reach;
import dev.weir.testkit.TestPostgres.Login;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConversationsIT {
    private static final TestPostgres POSTGRES = TestPostgres.shared();

    /** What every conversation gave when it ran first, to compare with when it ran among the others. */
    private static final Map<String, Transcript> FIRST = new HashMap<>();

    @BeforeAll
    static void prepare() {
        POSTGRES.createRole("talker", "secret", Login.SCRAM);
        Conversations.prepare(POSTGRES, "postgres");
    }

    static List<Conversation> all() {
        return Conversations.all();
    }

    @ParameterizedTest
    @MethodSource("all")
    void givesTheSameTranscriptTwice(Conversation conversation) {
        Destination destination = POSTGRES.destination("talker", "postgres");
        Transcript first = conversation.run(destination);
        Transcript second = conversation.run(destination);
        assertThat(second.firstDifference(first)).isNull();
        assertThat(second).isEqualTo(first);
        assertThat(POSTGRES.query("SELECT count(*) FROM weir_scratch"))
                .as("leaves nothing behind")
                .containsExactly(List.of("0"));
        assertThat(POSTGRES.query("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%'"))
                .as("ends its transactions")
                .containsExactly(List.of("0"));
        FIRST.put(conversation.name(), first);
    }

    @Test
    void givesTheSameTranscriptInPieces() {
        Destination destination = POSTGRES.destination("talker", "postgres");
        for (String name : List.of("all describe forms", "copy in", "errors in several parts of a pipeline")) {
            Conversation conversation = Conversations.named(name);
            Transcript whole = conversation.run(destination);
            assertThat(conversation.run(destination, client -> client.cutSendsInto(1)))
                    .isEqualTo(whole);
        }
    }

    @Test
    void namesAreUnique() {
        assertThat(Conversations.all()).extracting(Conversation::name).doesNotHaveDuplicates();
        assertThat(Conversations.reaching(Reach.TRANSACTION)).hasSizeGreaterThan(40);
    }
}
