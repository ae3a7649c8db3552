package dev.weir.sql;

import dev.weir.sql.GrammarOracle.Statement;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One text, judged by us and by a grammar that accepts it. */
final class Agreement {
    private static final List<Effect> EXACT =
            List.of(Effect.HOLD_CURSOR, Effect.CLOSE_CURSOR, Effect.LOAD, Effect.COPY);

    private static final Pattern CALLING = Pattern.compile("(?i)set.*config|setseed|pg_notify");

    private final String text;
    private final List<Statement> statements;
    private final Judgement judgement;
    private final List<String> differences = new ArrayList<>();

    Agreement(String text, List<Statement> statements) {
        this.text = text;
        this.statements = statements;
        byte[] bytes = bytes();
        this.judgement = SqlJudge.judge(bytes, 0, bytes.length, true);
    }

    private byte[] bytes() {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    boolean reads() {
        return statements.stream().allMatch(statement -> statement.flags().contains("READS"))
                && functions().allMatch(traits -> (traits & (Traits.STABLE | Traits.VOLATILE)) != 0);
    }

    boolean isProvedToRead() {
        return reads() && judgement.isReadOnly();
    }

    private IntStream functions() {
        return statements.stream()
                .flatMap(statement -> statement.functions().stream())
                .mapToInt(Agreement::traits);
    }

    private static int traits(String function) {
        String name = function.startsWith("pg_catalog.") ? function.substring("pg_catalog.".length()) : function;
        return Vocabulary.traits(Vocabulary.wordOf(name));
    }

    /** What differs, in words; empty if nothing does. */
    List<String> differences() {
        expect(judgement.count() == statements.size(), "count " + statements.size());
        expect(ends().equals(statements.stream().map(Statement::end).toList()), "ends, not " + ends());
        expect(!judgement.has(Effect.UNJUDGED) || isLoose(), "it to be judged");
        expect(!judgement.isReadOnly() || reads(), "a write");
        boolean alone = statements.size() != 1
                || !statements.getFirst().flags().contains("SelectStmt")
                || functions().anyMatch(traits -> (traits & Traits.STABLE) == 0);
        expect(!judgement.isShareable() || (reads() && !alone), "it not to be shared");
        if (!judgement.has(Effect.SET_UNKNOWN)) {
            compareFacts();
        }
        compareEffects();
        return differences;
    }

    private boolean isLoose() {
        return statements.stream()
                .anyMatch(statement -> statement.flags().contains("DoStmt")
                        || statement.flags().contains("CallStmt"));
    }

    private List<Integer> ends() {
        List<Integer> ends = new ArrayList<>();
        StatementScan scan = new StatementScan();
        byte[] bytes = bytes();
        int from = 0;
        while (from < bytes.length) {
            int stop = scan.scan(bytes, from, bytes.length, true);
            if (!scan.isEmpty()) {
                ends.add(stop);
            }
            from = stop + 1;
        }
        return ends;
    }

    /** Of functions that are called, we may expect more than the grammar shows, but no less. */
    private void compareFacts() {
        List<String> theirs = statements.stream()
                .flatMap(statement -> statement.facts().stream())
                .sorted()
                .toList();
        List<String> ours =
                judgement.details().stream().map(Agreement::fact).sorted().toList();
        if (CALLING.matcher(text).find()) {
            expect(theirs.stream().allMatch(fact -> covers(ours, fact)), "facts " + theirs);
        } else {
            expect(ours.equals(theirs), "facts " + theirs);
        }
    }

    private static boolean covers(List<String> ours, String fact) {
        boolean lastsNot = fact.startsWith("SET ") && fact.endsWith(" true false");
        return lastsNot || ours.contains(fact) || (fact.startsWith("NOTIFY ") && ours.contains("NOTIFY"));
    }

    private static String fact(SessionStatement detail) {
        return switch (detail) {
            case SessionStatement.Transaction transaction -> transaction.verb() + " " + transaction.chain();
            case SessionStatement.SetParameter set -> "SET " + set.name() + " " + set.local() + " " + set.isDefault();
            case SessionStatement.ResetParameter reset -> with("RESET", reset.name());
            case SessionStatement.Prepare prepare -> with("PREPARE", prepare.name());
            case SessionStatement.Execute execute -> with("EXECUTE", execute.name());
            case SessionStatement.Deallocate deallocate -> with("DEALLOCATE", deallocate.name());
            case SessionStatement.Listen listen -> with("LISTEN", listen.channel());
            case SessionStatement.Unlisten unlisten -> with("UNLISTEN", unlisten.channel());
            case SessionStatement.Notify notify -> with("NOTIFY", notify.channel());
            case SessionStatement.Discard discard ->
                with("DISCARD", discard.target().name());
        };
    }

    private static String with(String verb, @Nullable String name) {
        return name == null ? verb : verb + " " + name;
    }

    private void compareEffects() {
        for (Effect effect : EXACT) {
            expect(judgement.has(effect) == flagged(effect) || isLoose(), (flagged(effect) ? "" : "no ") + effect);
        }
        expect(judgement.has(Effect.TEMPORARY) || !flagged(Effect.TEMPORARY), "TEMPORARY");
        expect(judgement.has(Effect.DROP) == flagged(Effect.DROP) || isLoose(), "DROP to be " + flagged(Effect.DROP));
        boolean locks = statements.stream()
                .filter(statement -> !statement.flags().contains("CreateFunctionStmt"))
                .flatMap(statement -> statement.functions().stream())
                .anyMatch(name -> name.matches("(pg_catalog\\.)?pg_(try_)?advisory_lock(_shared)?"));
        expect(judgement.has(Effect.ADVISORY_LOCK) || !locks, "an advisory lock");
    }

    private boolean flagged(Effect effect) {
        return statements.stream().anyMatch(statement -> statement.flags().contains(effect.name()));
    }

    private void expect(boolean agreed, String theirs) {
        if (!agreed) {
            differences.add("the grammar expects " + theirs + ", of: " + text + "\n  which we judge " + judgement);
        }
    }
}
