package dev.weir.app.importing;

/**
 * A setting of PgBouncer's section {@code [pgbouncer]}.
 *
 * @param usual PgBouncer's default
 * @param always whether the rule is for the default too, since Weir's own default is another
 */
record Setting(Parameter parameter, String usual, boolean always, Rule rule) {

    /** Puts a value into the draft. */
    @FunctionalInterface
    interface Rule {
        void apply(Value value, Draft draft);
    }

    String name() {
        return parameter.name();
    }

    static Setting mapped(String name, String usual, Outcome outcome, String becomes, Rule rule) {
        return new Setting(new Parameter(name, outcome, becomes), usual, false, rule);
    }

    /** One that has no counterpart: the report names it if it was changed. */
    static Setting lost(String name, String usual, String becomes) {
        Parameter parameter = new Parameter(name, Outcome.LOST, becomes);
        return new Setting(parameter, usual, false, (value, draft) -> {
            if (!value.text().equalsIgnoreCase(usual)) {
                parameter.reportLost(value, draft.report);
            }
        });
    }

    /** One that Weir does well without. */
    static Setting needless(String name, String usual, String becomes) {
        return mapped(name, usual, Outcome.NEEDLESS, becomes, (_, _) -> {});
    }

    /** This setting, whose default Weir does not share. */
    Setting alsoWhenUnset() {
        return new Setting(parameter, usual, true, rule);
    }
}
