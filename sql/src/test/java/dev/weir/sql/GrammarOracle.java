package dev.weir.sql;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * What Postgres' own grammar makes of texts. It runs in processes of its own, since deep nesting ends it; what they need is
 * installed into the build folder, or the test is skipped with a word.
 */
final class GrammarOracle {
    private static final Path FOLDER = Path.of("target", "node").toAbsolutePath();
    private static final Path SOURCES = Path.of("src", "test", "node").toAbsolutePath();
    private static final long LIMIT_SECONDS = 300;

    private GrammarOracle() {}

    /**
     * A statement, as the grammar sees it.
     *
     * @param end where its semicolon stands, or the end of the text
     * @param flags READS, names of effects, and the type of its root
     * @param functions what it calls, qualified as written
     * @param facts session statements
     */
    record Statement(int end, List<String> flags, List<String> functions, List<String> facts) {}

    /** By the grammar of Postgres 18; null for each text that it does not accept. */
    static List<@Nullable List<Statement>> postgres18(List<String> texts) {
        install();
        return parse(node("sql", encode(texts)));
    }

    /** By the grammar of Postgres 15; null for each text that it does not accept. */
    static List<@Nullable List<Statement>> postgres15(List<String> texts) {
        install();
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Result trees = run(
                encode(texts),
                List.of(
                        java.toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        Path.of("target", "test-classes").toAbsolutePath().toString(),
                        LibPgQuery.class.getName()));
        if (trees.status == LibPgQuery.MISSING) {
            skip("libpg_query is not installed (Debian: apt-get install libpg-query-dev)");
        }
        return parse(node("tree", trees.expectSuccess()));
    }

    private static List<String> encode(List<String> texts) {
        return texts.stream()
                .map(text -> Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)))
                .toList();
    }

    private static List<String> node(String input, List<String> lines) {
        return run(lines, List.of("node", "oracle.js", input)).expectSuccess();
    }

    /** Once a build folder; without node, npm or a registry the tests are skipped. */
    private static synchronized void install() {
        for (String program : List.of("node", "npm")) {
            if (Arrays.stream(System.getenv("PATH").split(":"))
                    .noneMatch(folder -> Files.isExecutable(Path.of(folder, program)))) {
                skip(program + " is not on the PATH");
            }
        }
        try {
            Files.createDirectories(FOLDER);
            Files.copy(SOURCES.resolve("oracle.js"), FOLDER.resolve("oracle.js"), StandardCopyOption.REPLACE_EXISTING);
            String wanted = Files.readString(SOURCES.resolve("package.json"));
            Path done = FOLDER.resolve("installed");
            if (Files.exists(done) && Files.readString(done).equals(wanted)) {
                return;
            }
            Files.writeString(FOLDER.resolve("package.json"), wanted);
            Result result = run(
                    List.of(),
                    List.of("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1"));
            if (result.status != 0) {
                skip("npm could not install the grammar: " + result.output);
            }
            Files.writeString(done, wanted);
        } catch (IOException e) {
            throw new AssertionError("the oracle can't be installed", e);
        }
    }

    private static void skip(String reason) {
        System.out.println("skipped: " + reason);
        Assumptions.abort(reason);
    }

    private record Result(int status, List<String> output) {
        List<String> expectSuccess() {
            if (status != 0) {
                throw new AssertionError("exit status " + status + " after " + output.size() + " lines");
            }
            return output;
        }
    }

    private static Result run(List<String> input, List<String> command) {
        try {
            Path stdin = Files.createTempFile("weir", ".in");
            Path stdout = Files.createTempFile("weir", ".out");
            try {
                Files.write(stdin, input);
                Process process = new ProcessBuilder(command)
                        .directory(FOLDER.toFile())
                        .redirectInput(stdin.toFile())
                        .redirectOutput(stdout.toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
                if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError(command + " did not end");
                }
                return new Result(process.exitValue(), Files.readAllLines(stdout));
            } finally {
                Files.delete(stdin);
                Files.delete(stdout);
            }
        } catch (IOException e) {
            throw new AssertionError(command + " can't be run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private static List<@Nullable List<Statement>> parse(List<String> lines) {
        List<@Nullable List<Statement>> answers = new ArrayList<>();
        for (String line : lines) {
            answers.add(
                    line.startsWith("ok")
                            ? Stream.of(line.substring(3).split(" ", -1))
                                    .filter(part -> !part.isEmpty())
                                    .map(GrammarOracle::statement)
                                    .toList()
                            : null);
        }
        return answers;
    }

    private static Statement statement(String part) {
        String[] fields = part.split(",", -1);
        return new Statement(Integer.parseInt(fields[0]), list(fields[1]), list(fields[2]), list(fields[3]));
    }

    private static List<String> list(String field) {
        return field.isEmpty()
                ? List.of()
                : Stream.of(field.split("\\|", -1))
                        .map(item -> URLDecoder.decode(item.replace("+", "%2B"), StandardCharsets.UTF_8))
                        .toList();
    }
}
