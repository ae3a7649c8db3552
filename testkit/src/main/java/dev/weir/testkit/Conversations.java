package dev.weir.testkit;

import dev.weir.testkit.Conversation.Reach;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The catalogue of conversations. Each gives the same transcript every time it is run, on PostgreSQL 15 and later. */
public final class Conversations {
    private static final String SETUP = """
            SET client_min_messages = 'error';
            DROP TABLE IF EXISTS weir_scratch, weir_numbers;
            CREATE TABLE weir_numbers (n int PRIMARY KEY, name text, half numeric(6, 1), bytes bytea);
            INSERT INTO weir_numbers
              SELECT n, CASE WHEN n % 4 <> 0 THEN 'number ' || n END, n / 2.0, decode(lpad(to_hex(n), 8, '0'), 'hex')
              FROM generate_series(1, 10) n;
            CREATE TABLE weir_scratch (id int, note text CONSTRAINT allowed CHECK (note <> 'forbidden'));
            ALTER TABLE weir_scratch ADD CONSTRAINT once UNIQUE (id) DEFERRABLE INITIALLY IMMEDIATE;
            GRANT ALL ON weir_numbers, weir_scratch TO PUBLIC;
            """;

    private static final List<Conversation> ALL = collect();

    private Conversations() {}

    /** Creates, or creates anew, the tables that conversations use, in this database. */
    public static void prepare(TestPostgres postgres, String database) {
        postgres.execute(database, SETUP);
    }

    /** All conversations. They are for one client at a time: some write to the same table. */
    public static List<Conversation> all() {
        return ALL;
    }

    /** The conversations whose state reaches no further than one of these. */
    public static List<Conversation> reaching(Reach first, Reach... more) {
        Set<Reach> reaches = EnumSet.of(first, more);
        return ALL.stream()
                .filter(conversation -> reaches.contains(conversation.reach()))
                .toList();
    }

    /** The conversation of this name. @throws IllegalArgumentException if there is none */
    public static Conversation named(String name) {
        return ALL.stream()
                .filter(conversation -> conversation.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no conversation is named '" + name + "'"));
    }

    private static List<Conversation> collect() {
        List<Conversation> all = new ArrayList<>();
        all.addAll(SimpleConversations.all());
        all.addAll(ExtendedConversations.all());
        all.addAll(PreparedConversations.all());
        all.addAll(CopyConversations.all());
        all.addAll(TransactionConversations.all());
        return List.copyOf(all);
    }
}
