package dev.weir.app.importing;

import dev.weir.app.config.ConfigReader;
import dev.weir.app.config.ConfigResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes a {@code weir.toml} of a {@code pgbouncer.ini}. */
public final class Importer {
    private static final Pattern VARIABLE = Pattern.compile("\"\\$\\{([A-Za-z0-9_]+)}\"");

    private final Path ini;
    private final Faults faults = new Faults();
    private final Report report = new Report();
    private final Draft draft = new Draft(report);

    private Importer(Path ini) {
        this.ini = ini;
    }

    /**
     * @param users a file like {@code userlist.txt}; if empty, the one that {@code auth_file} names is read
     * @param folder where the result will lie
     */
    public static ImportResult run(Path ini, Optional<Path> users, Path folder) {
        return new Importer(ini).make(users, folder);
    }

    private ImportResult make(Optional<Path> users, Path folder) {
        List<IniEntry> entries = IniFile.read(ini, faults);
        settings(entries);
        Accounts accounts = accounts(entries, users);
        DatabaseReader reader = new DatabaseReader(draft, faults);
        section(entries, "databases").forEach(reader::read);
        section(entries, "peers")
                .forEach(peer -> report.add(
                        Report.Kind.NONE,
                        peer.place(),
                        "peer " + peer.key() + ": "
                                + Parameters.OF_PEER.getFirst().inReport()));
        if (faults.isEmpty() && reader.all().isEmpty()) {
            faults.add(new Place(ini.toString(), 0), "has no database that Weir can reach");
        }
        if (!faults.isEmpty()) {
            return new ImportResult.Impossible(faults.all());
        }
        TenantRules rules = new TenantRules(draft, accounts, new Names());
        List<TenantDraft> tenants = new ArrayList<>();
        TenantRules.byServer(reader.all()).forEach((server, databases) -> tenants.add(rules.tenant(server, databases)));
        defaults(rules.defaultPoolSize());
        encryption();
        tellTenants(tenants);
        if (!faults.isEmpty()) {
            return new ImportResult.Impossible(faults.all());
        }
        String toml = WeirToml.write(draft, rules.consoleUsers(), tenants, defaultTenant(tenants));
        check(toml, folder);
        return new ImportResult.Made(toml, report.text());
    }

    private static List<IniEntry> section(List<IniEntry> entries, String section) {
        return entries.stream().filter(entry -> entry.section().equals(section)).toList();
    }

    private void settings(List<IniEntry> entries) {
        Map<String, IniEntry> written = new LinkedHashMap<>();
        for (IniEntry entry : entries) {
            if (!List.of("pgbouncer", "databases", "users", "peers").contains(entry.section())) {
                faults.add(entry.place(), "unknown section [" + entry.section() + "]");
            }
        }
        section(entries, "pgbouncer").forEach(entry -> written.put(entry.key(), entry));
        for (Setting setting : Settings.ALL) {
            IniEntry entry = written.remove(setting.name());
            if (entry != null) {
                setting.rule().apply(new Value(entry.place(), entry.key(), entry.key(), entry.value(), faults), draft);
            } else if (setting.always()) {
                Place nowhere = new Place(ini.toString(), 0);
                setting.rule()
                        .apply(new Value(nowhere, setting.name(), setting.name(), setting.usual(), faults), draft);
            }
        }
        for (IniEntry unknown : written.values()) {
            report.add(
                    Report.Kind.NONE,
                    unknown.place(),
                    unknown.key() + ": no setting of PgBouncer that this program knows; is it spelt well?");
        }
        ListenRules.takePorts(draft);
    }

    private Accounts accounts(List<IniEntry> entries, Optional<Path> users) {
        Map<String, StoredSecret> listed = Map.of();
        Place list = new Place(ini.toString(), 0);
        if (users.isPresent()) {
            list = new Place(users.get().toString(), 0);
            listed = UserList.read(users.get(), list, faults);
        } else if (draft.authFile.isPresent() && draft.authFileValue.isPresent()) {
            list = new Place(draft.authFile.get().toString(), 0);
            listed = UserList.read(
                    draft.authFile.get(), draft.authFileValue.get().place(), faults);
        }
        Accounts accounts = new Accounts(listed, list, report);
        section(entries, "users").forEach(entry -> accounts.read(entry, draft, faults));
        return accounts;
    }

    /** What depends on several settings, in the place of each. */
    private void defaults(int poolSize) {
        PoolRules.logConnections(draft);
        draft.defaults.put("pool_size", Integer.toString(poolSize));
        if (draft.minPoolSize > 0) {
            draft.defaults.put("min_pool_size", Integer.toString(Math.min(draft.minPoolSize, poolSize)));
        }
        if (draft.reservePoolSize > 0 && !draft.reserveIsOff) {
            draft.defaults.put("reserve_pool_size", Integer.toString(draft.reservePoolSize));
        }
        draft.defaults.put("queue_timeout", TomlText.duration(draft.queueTimeout));
        draft.defaults.put("server_lifetime", TomlText.duration(draft.serverLifetime));
    }

    private void encryption() {
        String mode = draft.clientTls
                .map(value -> value.text().toLowerCase(Locale.ROOT))
                .orElse("disable");
        if (mode.equals("disable")) {
            draft.tls.clear();
            return;
        }
        Value value = draft.clientTls.orElseThrow();
        if (mode.equals("require")) {
            report.add(
                    Report.Kind.DO,
                    value.place(),
                    "client_tls_sslmode = require: Weir offers TLS but lets clients in without it; let clients ask for it"
                            + " (sslmode=require), or bar the others by a firewall");
        } else if (mode.startsWith("verify")) {
            report.add(
                    Report.Kind.DO,
                    value.place(),
                    "client_tls_sslmode = " + mode
                            + ": Weir asks clients for no certificate, and lets them in without TLS");
        }
        for (String key : List.of("certificate", "key")) {
            if (!draft.tls.containsKey(key)) {
                faults.add(
                        value.place(),
                        "client_tls_sslmode = " + mode + " needs client_tls_cert_file and client_tls_key_file");
                return;
            }
        }
    }

    private static TenantDraft defaultTenant(List<TenantDraft> tenants) {
        return tenants.stream()
                .filter(tenant -> tenant.databases().stream().anyMatch(Database::isForAny))
                .findFirst()
                .orElse(tenants.getFirst());
    }

    private void tellTenants(List<TenantDraft> tenants) {
        TenantDraft usual = defaultTenant(tenants);
        for (TenantDraft tenant : tenants) {
            if (tenant != usual) {
                report.add(
                        Report.Kind.DO,
                        "tenant " + tenant.id() + ": clients of " + TenantRules.list(tenant.databases())
                                + " must log in as user." + tenant.id()
                                + " (or give the tenant server_names, and use TLS)");
            }
            if (tenant.databases().stream().noneMatch(Database::isForAny)) {
                report.add(
                        Report.Kind.LOOK,
                        "tenant " + tenant.id()
                                + ": its users reach every database there that Postgres lets them, not only "
                                + TenantRules.list(tenant.databases()));
            }
        }
    }

    /** Says beforehand what {@code weir check} will say, but for the variables that are to be set. */
    private void check(String toml, Path folder) {
        Map<String, String> environment = new HashMap<>();
        Matcher variables = VARIABLE.matcher(toml);
        while (variables.find()) {
            environment.put(variables.group(1), "x");
        }
        if (ConfigReader.read(toml, folder, environment) instanceof ConfigResult.Faulty faulty) {
            faulty.faults().forEach(fault -> report.add(Report.Kind.DO, "the result has a fault to mend: " + fault));
        }
    }
}
