package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The start cache that {@code ./weir} makes, uses while it fits, and does without. Needs the jars, so it runs behind them. */
class StartCacheIT {
    /** With this the JVM ends if it can't use the cache that it was told of. */
    private static final String ONLY_WITH_CACHE = "-XX:AOTMode=on";

    /** Making the cache takes seconds, on a machine that has time. */
    private static final long LIMIT_SECONDS = 300;

    @TempDir
    private Path folder;

    private Path cache = Path.of("");

    /** What a build leaves behind, in a folder of its own; the empty cache says that one is to be made. */
    @BeforeEach
    void build() throws IOException {
        Path root = Path.of("..");
        Path target = Files.createDirectories(folder.resolve("app/target"));
        Path testkit = Files.createDirectories(folder.resolve("testkit/target"));
        Files.copy(root.resolve("weir"), folder.resolve("weir"));
        linkJar(root.resolve("app/target"), target);
        linkJar(root.resolve("testkit/target"), testkit);
        Files.createSymbolicLink(
                target.resolve("lib"), root.resolve("app/target/lib").toRealPath());
        Files.createFile(target.resolve("built"));
        cache = Files.createFile(target.resolve("start.aot"));
        Files.writeString(folder.resolve("weir.toml"), """
                [[tenant]]
                id = "acme"
                host = "localhost"
                [[tenant.user]]
                name = "app"
                password = "secret"
                """);
    }

    private static void linkJar(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            for (Path jar :
                    files.filter(file -> file.toString().endsWith(".jar")).toList()) {
                Files.createSymbolicLink(to.resolve(jar.getFileName()), jar.toRealPath());
            }
        }
    }

    /** Before JUnit does, which warns of each link that leads out of its folder. */
    @AfterEach
    void unlink() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path link : files.filter(Files::isSymbolicLink).toList()) {
                Files.delete(link);
            }
        }
    }

    @Test
    void isMadeOnceThenUsedWhileItFitsAndNeverMissed() throws IOException {
        assertThat(check("").output()).contains("start cache").doesNotContain("none could be made");
        assertThat(cache).isNotEmptyFile();
        assertThat(check(ONLY_WITH_CACHE).expectSuccess().output())
                .as("made once")
                .doesNotContain("start cache");
        String asEver = check("").expectSuccess().output();

        String otherOption = "-XX:-UseCompactObjectHeaders";
        assertThat(check(otherOption).expectSuccess().output())
                .as("other options")
                .isEqualTo(asEver);
        assertThat(check(ONLY_WITH_CACHE + " " + otherOption).status())
                .as("it can be told when none is used")
                .isNotZero();

        damage();
        assertThat(check("").expectSuccess().output()).as("damaged").contains("start cache");
        assertThat(check(ONLY_WITH_CACHE).expectSuccess().output())
                .as("made again")
                .isEqualTo(asEver);

        passOffAsAnotherJdks();
        assertThat(check("").expectSuccess().output()).as("of another JDK").isEqualTo(asEver);
        assertThat(check(ONLY_WITH_CACHE).status()).as("of another JDK").isNotZero();

        Files.delete(cache);
        assertThat(check("").expectSuccess().output()).as("removed").isEqualTo(asEver);
        assertThat(cache).doesNotExist();
    }

    @Test
    void isMadeAgainForOtherJarsAndDoneWithoutWhereThatFails() throws IOException {
        Files.writeString(cache, "of jars that are no more");
        Files.setLastModifiedTime(cache, FileTime.from(Instant.EPOCH));
        Path testkit = folder.resolve("testkit/target");
        try (Stream<Path> jars = Files.list(testkit)) {
            for (Path jar : jars.toList()) {
                Files.delete(jar);
            }
        }
        assertThat(check("").expectSuccess().output()).contains("none could be made");
        assertThat(cache).doesNotExist();
        assertThat(check("").expectSuccess().output())
                .as("not tried again before the next build")
                .doesNotContain("start cache");
    }

    /** Some bytes of its head and of each part become others. HotSpot crashes of that, as often as not. */
    private void damage() throws IOException {
        byte[] bytes = Files.readAllBytes(cache);
        for (int i = 64; i < bytes.length; i += bytes.length / 50) {
            bytes[i] ^= 0x55;
        }
        Files.write(cache, bytes);
    }

    /** The JVM's version is in the head. The sum is made to fit, so that only the JVM can see it. */
    private void passOffAsAnotherJdks() throws IOException {
        String version = System.getProperty("java.vm.version");
        String head = new String(Files.readAllBytes(cache), StandardCharsets.ISO_8859_1);
        int at = head.indexOf(version);
        assertThat(at).as("place of " + version).isBetween(0, 4096);
        try (RandomAccessFile file = new RandomAccessFile(cache.toFile(), "rw")) {
            file.seek(at);
            file.write('9');
        }
        List<String> sum = List.of("sh", "-c", "cksum <" + cache + " >" + cache + ".sum");
        Programs.run(folder, Map.of(), "", sum, LIMIT_SECONDS).expectSuccess();
    }

    private Programs.Result check(String javaOptions) {
        Map<String, String> environment =
                Map.of("JAVA_HOME", System.getProperty("java.home"), "WEIR_JAVA_OPTIONS", javaOptions);
        return Programs.run(folder, environment, "", List.of("./weir", "check", "-c", "weir.toml"), LIMIT_SECONDS);
    }
}
