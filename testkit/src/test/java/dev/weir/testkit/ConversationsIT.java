package dev.weir.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Conversation.Reach;
import dev.weir.testkit.FaultProxy.Direction;
import dev.weir.testkit.TestPostgres.Login;
import dev.weir.testkit.TestPostgres.Options;
import dev.weir.testkit.TestPostgres.Version;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConversationsIT {
    private static final TestPostgres POSTGRES = TestPostgres.shared();

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
        assertThat(first.lines().getLast()).as("ends its transactions").isEqualTo("Z I");
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
    void givesTheSameTranscriptTwiceOnTheOldMajorToo() {
        try (TestPostgres old = TestPostgres.start(Version.POSTGRES_15, Options.defaults())) {
            Conversations.prepare(old, "postgres");
            for (Conversation conversation : Conversations.all()) {
                Transcript first = conversation.run(old.destination());
                assertThat(conversation.run(old.destination()).firstDifference(first))
                        .as(conversation.name())
                        .isNull();
            }
        }
    }

    @Test
    void givesTheSameTranscriptThroughAProxyThatCuts() {
        Destination destination = POSTGRES.destination("talker", "postgres");
        try (FaultProxy proxy = FaultProxy.to(POSTGRES.host(), POSTGRES.port())) {
            proxy.chunk(Direction.TO_SERVER, 7).chunk(Direction.TO_CLIENT, 5);
            for (Conversation conversation : Conversations.all()) {
                if (!conversation.name().matches(".*(megabyte|thousand).*")) {
                    Transcript through = conversation.run(destination.at(proxy.host(), proxy.port()));
                    assertThat(through.firstDifference(conversation.run(destination)))
                            .as(conversation.name())
                            .isNull();
                }
            }
        }
    }

    @Test
    void namesAreUnique() {
        assertThat(Conversations.all()).extracting(Conversation::name).doesNotHaveDuplicates();
        assertThat(Conversations.reaching(Reach.TRANSACTION)).hasSizeGreaterThan(40);
    }
}
