package dev.weir.sql;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Statements to try: written ones in many spellings, those that Postgres installs, and what chance makes of both. */
final class Corpus {
    private static final Path INSTALLED = Path.of("/usr/share/postgresql");
    private static final Pattern VIEW = Pattern.compile("(?s)CREATE(?: OR REPLACE)? VIEW .*?\\bAS\\s+(SELECT\\b.*)");

    private static final List<String> SIGNS = List.of(
            "'", "''", "\"", "$$", "$a$", "E'\\'", "U&'", "U&\"", "--", "-", "/*", "*/", "/", "*", "\n", ";", "(", ")",
            ",", ".", "1", "1e5", "0x1", "e", "::", ":", "$1", "||", "+-", "@", " AS ", " end ", " case ", "é", "[",
            "]", "\\");

    private Corpus() {}

    /** One statement per line of the resource; {@code \n} stands for a new line. */
    static List<String> written() {
        return lines("statements.sql");
    }

    private static List<String> lines(String resource) {
        try (var in = Corpus.class.getResourceAsStream(resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .map(line -> line.replace("\\n", "\n"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The files that a server of this machine installs, without psql's own commands; none is no fault. */
    static List<String> installedFiles() {
        if (!Files.isDirectory(INSTALLED)) {
            System.out.println("left out: there is no " + INSTALLED);
            return List.of();
        }
        try (Stream<Path> files = Files.walk(INSTALLED)) {
            return files.filter(file -> file.toString().endsWith(".sql"))
                    .sorted()
                    .map(Corpus::withoutCommands)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String withoutCommands(Path file) {
        try {
            return Files.readString(file).replaceAll("(?m)^\\\\.*$", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Each statement of the texts. */
    static List<String> split(List<String> texts) {
        List<String> statements = new ArrayList<>();
        StatementScan scan = new StatementScan();
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            int from = 0;
            while (from < bytes.length) {
                int stop = scan.scan(bytes, from, bytes.length, true);
                if (!scan.isEmpty()) {
                    statements.add(new String(bytes, from, stop - from, StandardCharsets.UTF_8).strip());
                }
                from = stop + 1;
            }
        }
        return statements;
    }

    /** The queries of views, each in many statements. */
    static List<String> ofViews(List<String> statements) {
        List<String> around = lines("around-query.sql");
        List<String> made = new ArrayList<>();
        for (String statement : statements) {
            Matcher view = VIEW.matcher(statement);
            if (view.find()) {
                around.forEach(each -> made.add(each.replace("@", view.group(1))));
            }
        }
        return made;
    }

    /** The statement with other cases, spaces and comments between its tokens. */
    static String respelled(String statement, Random random) {
        StringBuilder text = new StringBuilder();
        for (String token : tokens(statement)) {
            text.append(
                    switch (random.nextInt(12)) {
                        case 0 -> "\n";
                        case 1 -> " /* ; ' \" $$ /* nested */ */ ";
                        case 2 -> " -- ; '\n";
                        case 3 -> "\t\f \r\n";
                        default -> " ";
                    });
            boolean word = Character.isLetter(token.charAt(0)) && token.chars().allMatch(Character::isLetterOrDigit);
            text.append(word && random.nextInt(3) == 0 ? token.toUpperCase(Locale.ROOT) : token);
        }
        return text.toString();
    }

    /** The statement with some tokens left out, doubled, exchanged, or taken from another. */
    static String mutated(String statement, String other, Random random) {
        List<String> tokens = new ArrayList<>(tokens(statement));
        List<String> others = tokens(other);
        for (int i = random.nextInt(2); i >= 0 && !tokens.isEmpty(); i--) {
            int at = random.nextInt(tokens.size());
            switch (random.nextInt(4)) {
                case 0 -> tokens.remove(at);
                case 1 -> tokens.add(at, tokens.get(at));
                case 2 -> tokens.set(at, tokens.get(random.nextInt(tokens.size())));
                default -> {
                    int from = random.nextInt(others.size() + 1);
                    tokens.addAll(at, others.subList(from, Math.min(others.size(), from + 1 + random.nextInt(4))));
                }
            }
        }
        return String.join(" ", tokens);
    }

    /** The statement with signs that begin or end something put between any two characters. */
    static String scratched(String statement, Random random) {
        StringBuilder text = new StringBuilder(statement);
        for (int i = random.nextInt(3); i >= 0; i--) {
            String sign = SIGNS.get(random.nextInt(SIGNS.size()));
            text.insert(random.nextInt(text.length() + 1), sign);
            if (random.nextBoolean()) {
                text.insert(random.nextInt(text.length() + 1), sign);
            }
        }
        return text.toString();
    }

    private static List<String> tokens(String statement) {
        byte[] bytes = statement.getBytes(StandardCharsets.UTF_8);
        List<String> tokens = new ArrayList<>();
        int at = Lexer.skip(bytes, 0, bytes.length);
        while (at >= 0 && at < bytes.length) {
            long token = Lexer.next(bytes, at, bytes.length, true);
            int end = Math.max(at + 1, Lexer.end(token));
            tokens.add(new String(bytes, at, end - at, StandardCharsets.UTF_8));
            at = Lexer.skip(bytes, end, bytes.length);
        }
        return tokens;
    }
}
