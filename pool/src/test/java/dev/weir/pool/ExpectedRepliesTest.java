package dev.weir.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Conversations, written as they pass the pooler: {@code >} and the messages of the client, {@code <} and those of the
 * server; {@code E} of the server is an error, {@code Z} ReadyForQuery.
 */
class ExpectedRepliesTest {

    /** @return the bookkeeping after it, with "wrong" in front if the server did what it may not */
    private static String after(String conversation) {
        ExpectedReplies expected = new ExpectedReplies();
        boolean fromClient = true;
        String wrong = "";
        for (int i = 0; i < conversation.length(); i++) {
            char c = conversation.charAt(i);
            switch (c) {
                case ' ' -> {
                    // for the reader
                }
                case '>' -> fromClient = true;
                case '<' -> fromClient = false;
                default -> {
                    if (fromClient) {
                        expected.onRequest((byte) c);
                    } else if (c == 'E') {
                        expected.onError();
                    } else if (!(c == 'Z' ? expected.onReadyForQuery() : expected.onReply((byte) c))) {
                        wrong = "wrong ";
                    }
                }
            }
        }
        return wrong
                + (expected.isAtRest() ? "rest" : "")
                + (expected.isBusy() ? "busy" : "")
                + (expected.isOpen() ? "open" : "")
                + (expected.isCopyIn() ? "copy" : "")
                + (expected.isAmbiguous() ? "?" : "");
    }

    @ParameterizedTest(name = "{0}: {1} is {2}")
    @CsvSource({
        "nothing yet,, rest",
        "simple query under way, > Q < T D D C, busy",
        "simple query, > Q < T D D C Z, rest",
        "empty query, > Q < I Z, rest",
        "several statements in one, > Q < T D C C T C Z, rest",
        "simple query that fails, > Q < T D E, busy",
        "simple query that failed, > Q < T D E Z, rest",
        "queries one behind the other, > Q Q < C Z, busy",
        "queries answered one by one, > Q Q < C Z E Z, rest",
        "function call, > F < V Z, rest",
        "function call that fails, > F < E Z, rest",
        "extended query, > P B D E S < 1 2 T D C Z, rest",
        "extended query without Sync, > P B D E < 1 2 n C, open",
        "Sync under way, > P B D E S < 1 2 n C, busy",
        "statement described, > P D S < 1 t T Z, rest",
        "statement described without rows, > P D S < 1 t n Z, rest",
        "portal suspended and gone on, > B E E S < 2 D s D C Z, rest",
        "portal closed, > C S < 3 Z, rest",
        "flushed only, > P H < 1, open",
        "Flush alone, > H, rest",
        "pipeline of three Syncs, > P S B S S < 1 Z 2 Z, busy",
        "pipeline answered, > P S B S S < 1 Z 2 Z Z, rest",
        "error with the Sync sent, > P B E S < 1 E, busy",
        "error with the Sync sent and answered, > P B E S < 1 E Z, rest",
        "error before the Sync, > P B E < E, open",
        "error before the Sync that follows, > P B E < E > S < Z, rest",
        "messages between error and Sync, > P < E > B E Q F S < Z, rest",
        "messages skipped that were under way, > P B E P B E S < 1 E Z, rest",
        "error in the first of two exchanges, > P B E S P B E S < E Z 1 2 C Z, rest",
        "error of the commit at Sync, > P B E S < 1 2 C E Z, rest",
        "Q behind unsynced messages, > P B E Q < 1 2 C C Z, rest",
        "Q skipped behind an error, > P B E Q < E, open",
        "Q skipped behind an error and Sync, > P B E Q S < E Z, rest",
        "function call skipped behind an error, > P F < E > S < Z, rest",
        "COPY out, > Q < H d d c C Z, rest",
        "COPY out by Execute, > B E S < 2 H d c C Z, rest",
        "COPY in awaits data, > Q < G, busycopy",
        "COPY in has all data, > Q < G > d d c, busy",
        "COPY in, > Q < G > d d c < C Z, rest",
        "COPY in given up, > Q < G > d f < E Z, rest",
        "COPY in of two tables, > Q < G > d c < C G > d c < C Z, rest",
        "COPY in with its end sent ahead, > Q d c < G C Z, rest",
        "two COPYs with their ends sent ahead, > Q d c d c < G C G C Z, rest",
        "end of a COPY behind one that has failed, > Q P B E < G > d c S < E Z 1 2 G C Z, rest",
        "end of a COPY that a later one takes, > Q Q Q < G > d c < E Z G E Z G C Z, rest",
        "end of a COPY that never began, > Q c < E Z, rest",
        "end of a COPY that never began before a query, > Q c Q < E Z, busy",
        "COPY in fails with data to come, > Q < G > d < E Z > d d c, rest",
        "COPY in by Execute, > P B E < 1 2 G > d c S < C Z, rest",
        "COPY in by Execute without Sync, > P B E < 1 2 G > d c < C, open",
        "COPY in by Execute with two ends, > E < G > c c < C, open",
        "COPY in by Execute with two ends sent ahead, > E c c < G C, open",
        "COPY in by Execute with the Sync before, > P B E S < 1 2 G, busyopencopy",
        "COPY in by Execute with Sync before and behind, > P B E S < 1 2 G > d c S < C Z, rest",
        "COPY in by Execute with all sent ahead, > P B E d c S < 1 2 G C Z, rest",
        "COPY in by Execute with Sync and all sent ahead, > P B E S d c S < 1 2 G C Z, rest",
        "COPY in by Execute that never begins, > P B E S d c S < 1 2 E Z, busy",
        "COPY in by Execute that never began, > P B E S d c S < 1 2 E Z Z, rest",
        "COPY in by Execute fails, > B E < 2 G > d < E, open",
        "COPY in by Execute fails with data to come, > B E < 2 G > d < E > d c S < Z, rest",
        "Sync amid data and it succeeds, > Q < G > d S d c < C Z, rest",
        "Sync amid data and it fails, > Q < G > d S d < E Z, rest?",
        "Sync amid data and it fails and is answered, > Q < G > d S d < E Z Z, rest?",
        "Sync before the data and it fails, > E S < G > d < E, open?",
        "Sync before the data and it fails at once, > E S < G E Z, rest?",
        "Sync behind a failed one, > E S < G > d < E > c S < Z, rest?",
        "what follows an unknown is taken as it comes, > E S < G E Z > S Q < Z Z T D C Z, rest?",
        "data row without a query, < D, wrong rest",
        "ReadyForQuery without a query, < Z, wrong rest",
        "ReadyForQuery too soon, > P < Z, wrong busyopen",
        "BindComplete for Parse, > P < 2, wrong busyopen",
        "rows for Parse, > P < D, wrong busyopen",
        "CommandComplete for Sync, > S < C, wrong busy",
        "unknown type, > Q < X, wrong busy",
    })
    void knowsWhereItStands(String what, String conversation, String state) {
        assertThat(after(conversation == null ? "" : conversation)).as(what).isEqualTo(state);
    }

    @Test
    void growsToItsLimitAndShrinksInOrder() {
        ExpectedReplies expected = new ExpectedReplies();
        for (int start = 0; start < 11; start++) { // so that the ring has turned before it grows
            expected.onRequest((byte) 'P');
            assertThat(expected.onReply((byte) '1')).isTrue();
        }
        String types = "PBC";
        String replies = "123";
        for (int i = 0; i < ExpectedReplies.LIMIT; i++) {
            assertThat(expected.hasRoom()).isTrue();
            expected.onRequest((byte) types.charAt(i % 3));
        }
        assertThat(expected.hasRoom()).isFalse();
        expected.onRequest((byte) 'S'); // ours may go over it
        for (int i = 0; i < ExpectedReplies.LIMIT; i++) {
            assertThat(expected.hasAmpleRoom()).isEqualTo(ExpectedReplies.LIMIT + 1 - i < ExpectedReplies.LIMIT / 2);
            assertThat(expected.onReply((byte) replies.charAt(i % 3))).isTrue();
        }
        assertThat(expected.isBusy()).isTrue();
        assertThat(expected.onReadyForQuery()).isTrue();
        assertThat(expected.isAtRest()).isTrue();
    }

    @Test
    void refusesWhatIsNoRequest() {
        assertThatThrownBy(() -> new ExpectedReplies().onRequest((byte) 'X'))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
