package dev.weir.gateway.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandReaderTest {
    private static final int RANDOM_TEXTS = 20_000;

    private static Command one(String text) throws ConsoleException {
        List<Command> commands = CommandReader.read(text);
        assertThat(commands).hasSize(1);
        return commands.getFirst();
    }

    private static void assertFails(String text, String sqlstate) {
        assertThatThrownBy(() -> CommandReader.read(text))
                .as(text)
                .asInstanceOf(type(ConsoleException.class))
                .satisfies(fault -> {
                    assertThat(fault.error().code()).isEqualTo(sqlstate);
                    assertThat(fault.error().hint()).isNotEmpty();
                    assertThat(fault.error().isFatal()).isFalse();
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SHOW POOLS",
                "show pools;",
                " Show \"pools\" ; ",
                "/* a /* nested */ comment */ show -- the\npools",
                "select pools"
            })
    void showIsReadInAllItsForms(String text) throws ConsoleException {
        assertThat(one(text)).isEqualTo(new Command.Show(Topic.POOLS));
    }

    @ParameterizedTest
    @CsvSource({
        "PAUSE, PAUSE,",
        "pause shop.acme;, PAUSE, shop.acme",
        "RESUME \"a \"\"b\"\".acme\", RESUME, a \"b\".acme",
        "kill 'shop', KILL, shop",
        "WAIT_CLOSE shop-2, WAIT_CLOSE, shop-2",
        "Disable shop, DISABLE, shop",
        "ENABLE shop, ENABLE, shop",
        "RECONNECT Shop, RECONNECT, Shop",
        "PAUSE ('shop'), PAUSE, shop",
        "PAUSE ('shop'::text), PAUSE, shop",
        "PAUSE 'shop'::text, PAUSE, shop"
    })
    void databasesAreNamedAsTheyAreWritten(String text, Verb verb, String database) throws ConsoleException {
        Optional<Argument> argument = Optional.ofNullable(database).map(Argument.Literal::new);
        assertThat(one(text)).isEqualTo(new Command.Steer(verb, argument));
    }

    @ParameterizedTest
    @CsvSource({
        "pause, PAUSE",
        "pause 'shop.acme';, PAUSE shop.acme",
        "kill_client 7, KILL_CLIENT 7",
        "set Pool_Size to '20', SET pool_size = 20",
        "set acme.queue_timeout=$1, SET acme.queue_timeout = $1",
        "reload, RELOAD",
        "suspend, SUSPEND",
        "shutdown, SHUTDOWN",
        "shutdown wait_for_clients, SHUTDOWN WAIT_FOR_CLIENTS"
    })
    void theLogHasCommandsAsTheyAreWritten(String command, String text) throws ConsoleException {
        assertThat(one(command).text()).isEqualTo(text);
    }

    @Test
    void setTakesAKeyOfAllTenantsOrOfOne() throws ConsoleException {
        assertThat(one("SET Pool_Size = 20"))
                .isEqualTo(new Command.SetValue(Optional.empty(), "pool_size", new Argument.Literal("20")));
        assertThat(one("set acme.queue_timeout to '5s'"))
                .isEqualTo(new Command.SetValue(Optional.of("acme"), "queue_timeout", new Argument.Literal("5s")));
        assertThat(one("set query_timeout=$1"))
                .isEqualTo(new Command.SetValue(Optional.empty(), "query_timeout", new Argument.Parameter(1)));
    }

    @Test
    void severalCommandsComeInTheirOrder() throws ConsoleException {
        assertThat(CommandReader.read(";; BEGIN; SHOW LISTS;; KILL_CLIENT 7 ;"))
                .extracting(Command::tag)
                .containsExactly("BEGIN", "SHOW", "KILL_CLIENT");
        assertThat(CommandReader.read(" ; -- nothing")).containsExactly(new Command.Empty());
    }

    @ParameterizedTest
    @CsvSource({
        "SET client_encoding = 'UTF8', SET",
        "SET extra_float_digits = 3, SET",
        "set session characteristics as transaction isolation level read committed, SET",
        "SET SESSION application_name TO x, SET",
        "START TRANSACTION READ ONLY, START TRANSACTION",
        "COMMIT, COMMIT",
        "DISCARD ALL, DISCARD ALL",
        "DEALLOCATE \"s_1\", DEALLOCATE",
        "RESET ALL, RESET",
        "SHOW standard_conforming_strings, SHOW",
        "SHOW TRANSACTION ISOLATION LEVEL, SHOW",
        "select 1, SELECT 1",
        "select pg_catalog.version(), SELECT 1"
    })
    void whatDriversSayIsKnown(String text, String tag) throws ConsoleException {
        assertThat(one(text).tag()).isEqualTo(tag);
    }

    @ParameterizedTest
    @CsvSource({
        "SHOW, 42601",
        "SHOW nothing_like_it, 42704",
        "SHOW pools and more, 42601",
        "SHOW $1, 0A000",
        "SELECT * FROM pg_class, 0A000",
        "INSERT INTO pools VALUES (1), 42601",
        "PAUSE a b, 42601",
        "PAUSE =, 42601",
        "PAUSE (, 42601",
        "PAUSE (shop, 42601",
        "PAUSE (shop)), 42601",
        "DISABLE, 42601",
        "KILL_CLIENT, 42601",
        "SHUTDOWN NOW, 42601",
        "SET, 42601",
        "SET pool_size, 42601",
        "SET pool_size =, 42601",
        "RELOAD now, 42601",
        "PAUSE $0, 42601",
        "KILL_CLIENT $10, 42601",
        "KILL_CLIENT $65536, 42601",
        "PAUSE ((shop)), 42601",
        "\"SHOW\" pools, 42601",
        "x'unended, 42601",
        "/* unended, 42601"
    })
    void whatCannotBeReadIsSaidSo(String text, String sqlstate) {
        assertFails(text, sqlstate);
    }

    @Test
    void nestingCostsNoStack() {
        assertFails("PAUSE " + "(".repeat(60_000), "42601");
        assertFails("/*".repeat(30_000), "42601");
    }

    /** Whatever is sent, there is a command or an error to send back. */
    @Test
    void randomTextNeverThrowsAnythingElse() {
        Random random = new Random(7);
        String[] words = {
            "show",
            "SET",
            "pause",
            "kill_client",
            "select",
            "'",
            "\"",
            ";",
            "=",
            "$1",
            "$",
            "/*",
            "*/",
            "--",
            "\n",
            "pools",
            "(",
            ")",
            ",",
            ".",
            "\u0000",
            "\uD83D",
            "é",
            "deallocate",
            "discard",
            "all",
            "shutdown",
            "1",
            " "
        };
        for (int i = 0; i < RANDOM_TEXTS; i++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(12);
            for (int j = 0; j < length; j++) {
                text.append(words[random.nextInt(words.length)]).append(random.nextBoolean() ? " " : "");
            }
            try {
                assertThat(CommandReader.read(text.toString())).isNotEmpty();
            } catch (ConsoleException fault) {
                assertThat(fault.error().message()).isNotEmpty();
            }
        }
    }
}
