package dev.weir.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.sql.GrammarOracle.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is judged by tokens against what the grammars of Postgres 15 and 18 say of the same texts. */
class GrammarIT {
    private static final int MUTATIONS = 20_000;

    @Test
    void agreesWithPostgres18() {
        compare(GrammarOracle::postgres18);
    }

    @Test
    void agreesWithPostgres15() {
        compare(GrammarOracle::postgres15);
    }

    private static void compare(Function<List<String>, List<@Nullable List<Statement>>> grammar) {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        System.out.println("-Dweir.seed=" + seed);
        List<String> texts = corpus(new Random(seed));
        List<@Nullable List<Statement>> answers = grammar.apply(texts);
        assertThat(answers).hasSameSizeAs(texts);
        List<String> differences = new ArrayList<>();
        int accepted = 0;
        int reading = 0;
        int proved = 0;
        for (int i = 0; i < texts.size(); i++) {
            List<Statement> answer = answers.get(i);
            if (answer == null) {
                continue;
            }
            Agreement agreement = new Agreement(texts.get(i), answer);
            differences.addAll(agreement.differences());
            accepted++;
            reading += agreement.reads() ? 1 : 0;
            proved += agreement.isProvedToRead() ? 1 : 0;
        }
        System.out.println(accepted + " of " + texts.size() + " texts accepted by the grammar, " + differences.size()
                + " differences; " + proved + " of " + reading + " that read proved to");
        assertThat(differences).isEmpty();
        assertThat(accepted).isGreaterThan(Corpus.installedFiles().isEmpty() ? 3_000 : 9_000);
        assertThat(proved).isGreaterThan(reading * 8 / 10);
    }

    private static List<String> corpus(Random random) {
        List<String> written = Corpus.written();
        List<String> files = Corpus.installedFiles();
        List<String> installed = Corpus.split(files);
        List<String> views = Corpus.ofViews(installed);
        List<String> texts = new ArrayList<>();
        Stream.of(written, files, installed, views).forEach(texts::addAll);
        for (int i = 0; i < 10; i++) {
            written.forEach(statement -> texts.add(Corpus.respelled(statement, random)));
        }
        for (int i = 0; i < written.size() * 5; i++) {
            texts.add(String.join(
                    random.nextBoolean() ? ";" : " ; ; ", pick(written, random), pick(written, random), ""));
        }
        List<String> all = Stream.concat(written.stream(), installed.stream())
                .filter(statement -> statement.length() < 500)
                .toList();
        for (int i = 0; i < MUTATIONS; i++) {
            String statement = pick(random.nextInt(4) > 0 ? written : all, random);
            texts.add(Corpus.mutated(statement, pick(all, random), random));
            texts.add(Corpus.scratched(statement, random));
        }
        return texts;
    }

    private static String pick(List<String> from, Random random) {
        return from.get(random.nextInt(from.size()));
    }
}
