package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.Stage.Story;
import dev.weir.gateway.Mode;
import dev.weir.testkit.TestPostgres;
import dev.weir.testkit.Transcript;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Tells stories to Postgres itself and then through Weir, as one role with a schema of its own: in session mode, in
 * transaction mode on one server connection that all share, and on server connections that change with every transaction.
 * What is heard must be the same.
 */
final class Stages implements AutoCloseable {
    private final TestPostgres postgres = TestPostgres.shared();
    private final String role;
    private final PooledRole one;
    private final PooledRole few;
    private final PooledRole many;

    private Stages(String role) {
        this.role = role;
        PooledRole.createRole(postgres, role);
        postgres.execute("grant create on database postgres to " + role);
        one = pool(1);
        few = pool(3);
        many = pool(5);
    }

    /** All of these, or with {@code -Dweir.test.story=regex} those in whose name it is found. */
    static <T> List<T> chosen(List<T> all) {
        Pattern wanted = Pattern.compile(System.getProperty("weir.test.story", ""));
        return all.stream().filter(one -> wanted.matcher(one.toString()).find()).toList();
    }

    /** The role must be new. */
    static Stages of(String role) {
        return new Stages(role);
    }

    private PooledRole pool(int size) {
        return PooledRole.existing(
                postgres,
                role,
                PooledRole.toml(
                        "", PooledRole.tenant("acme", postgres.host(), postgres.port(), role, "pool_size = " + size)));
    }

    /** The pool with one server connection. */
    PooledRole one() {
        return one;
    }

    /** The pool with three server connections. */
    PooledRole few() {
        return few;
    }

    void inSessionMode(Story story) {
        compare(story, many, Mode.SESSION, () -> {});
    }

    void onOneServerConnection(Story story) {
        compare(story, one, Mode.TRANSACTION, () -> {});
    }

    /** One client of the story may be pinned to its server connection: there is one more for the others. */
    void onServerConnectionsThatChange(Story story) {
        try (Carousel carousel = Carousel.in(few.destination(Mode.TRANSACTION))) {
            compare(story, few, Mode.TRANSACTION, carousel::turn);
        }
    }

    private void compare(Story story, PooledRole pool, Mode mode, Runnable whenAllRest) {
        Transcript direct = Stage.tell(story, postgres.destination(role, "postgres"), () -> {});
        Transcript pooled = Stage.tell(story, pool.destination(mode), whenAllRest);
        assertThat(pooled.firstDifference(direct))
                .as("%s: first through Weir, then directly", story.name())
                .isNull();
    }

    /** The three pools have one role, and the close of each waits until that role has no server connection. */
    @Override
    public void close() {
        one.weir().close();
        few.weir().close();
        one.log().close();
        few.log().close();
        many.close();
    }
}
