package dev.weir.app.importing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the users of tenants: those of the user list, of {@code [users]}, and those that databases force. */
final class Accounts {
    private final Map<String, StoredSecret> listed;
    private final Place list;
    private final Map<String, Map<String, Value>> settings = new LinkedHashMap<>();
    private final Map<String, Place> places = new LinkedHashMap<>();
    private final Report report;

    Accounts(Map<String, StoredSecret> listed, Place list, Report report) {
        this.listed = listed;
        this.list = list;
        this.report = report;
    }

    /** Reads a line of the section {@code [users]}. */
    void read(IniEntry entry, Draft draft, Faults faults) {
        Map<String, Value> values = new LinkedHashMap<>();
        if (Names.isTooLong(entry.key())) {
            faults.add(entry.place(), "a user's name has at most " + Names.MAX_BYTES + " bytes");
        }
        for (Value value : ConnectText.pairs(entry, faults)) {
            Optional<Parameter> parameter = Parameters.find(Parameters.OF_USER_SECTION, value.key());
            if (parameter.isEmpty()) {
                faults.add(value.place(), entry.key() + ": unknown parameter " + value.key());
                continue;
            }
            parameter.get().reportLost(value, report);
            values.put(value.key(), value);
        }
        mode(entry, values, draft);
        settings.put(entry.key(), values);
        places.put(entry.key(), entry.place());
    }

    private void mode(IniEntry entry, Map<String, Value> values, Draft draft) {
        Value mode = values.get("pool_mode");
        if (mode == null) {
            return;
        }
        mode.word(ListenRules.MODES)
                .filter(word -> word.equals("session") != draft.sessions)
                .ifPresent(word -> report.add(
                        Report.Kind.DO,
                        entry.place(),
                        "user " + entry.key() + " has pool_mode = " + word + ": its clients must use port "
                                + ListenRules.port(word, draft)));
    }

    /** The users of a tenant with these databases; at least one. */
    List<Account> of(List<Database> databases) {
        Map<String, Account> accounts = new LinkedHashMap<>();
        listed.forEach((name, secret) -> accounts.put(name, account(name, secret, list)));
        settings.keySet()
                .forEach(name -> accounts.computeIfAbsent(
                        name, _ -> account(name, new StoredSecret.None(), places.getOrDefault(name, list))));
        for (Database database : databases) {
            database.value("user").ifPresent(user -> force(database, user, accounts));
        }
        if (accounts.isEmpty()) {
            Place place = databases.getFirst().place();
            report.add(
                    Report.Kind.DO,
                    place,
                    "nobody names a user; \"postgres\" stands for those whom you must write: a [[tenant.user]] each");
            accounts.put("postgres", account("postgres", new StoredSecret.None(), place));
        }
        return new ArrayList<>(accounts.values());
    }

    /** Whether the user list has it, and so each tenant. */
    boolean isListed(String name) {
        return listed.containsKey(name);
    }

    /** One of the list, or one of whom no secret is known. */
    Account find(String name, Place why) {
        return account(name, listed.getOrDefault(name, new StoredSecret.None()), why);
    }

    private Account account(String name, StoredSecret secret, Place why) {
        return new Account(name, secret, why, settings.getOrDefault(name, Map.of()));
    }

    private void force(Database database, Value user, Map<String, Account> accounts) {
        report.add(
                Report.Kind.DO,
                database.place(),
                database.name() + ": everyone was " + user.text() + " towards Postgres; now clients must log in as "
                        + user.text() + " with that user's password");
        Account known = accounts.get(user.text());
        Optional<Value> password = database.value("password");
        if (password.isEmpty()) {
            accounts.putIfAbsent(user.text(), account(user.text(), new StoredSecret.None(), database.place()));
            return;
        }
        StoredSecret forced = StoredSecret.of(password.get().text());
        if (known != null
                && !(known.secret() instanceof StoredSecret.None)
                && !known.secret().equals(forced)) {
            report.add(
                    Report.Kind.LOOK,
                    database.place(),
                    "the password of " + user.text()
                            + " is taken from here; another secret of that name is elsewhere too");
        }
        accounts.put(user.text(), account(user.text(), forced, database.place()));
    }
}
