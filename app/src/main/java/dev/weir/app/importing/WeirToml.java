package dev.weir.app.importing;

import java.util.List;
import java.util.Map;

/** Writes the text of a {@code weir.toml}. */
final class WeirToml {
    private final StringBuilder toml = new StringBuilder();

    private WeirToml() {}

    static String write(
            Draft draft, List<Map<String, String>> consoleUsers, List<TenantDraft> tenants, TenantDraft usual) {
        WeirToml file = new WeirToml();
        file.toml.append("# Imported from PgBouncer; docs/configuration.md says what each key means.\n\n");
        file.toml.append("default_tenant = ").append(TomlText.text(usual.id())).append('\n');
        file.table("[listen]", draft.listen);
        file.table("[tls]", draft.tls);
        file.table("[log]", draft.log);
        file.table("[console]", draft.console);
        consoleUsers.forEach(user -> file.table("[[console.user]]", user));
        file.table("[defaults]", draft.defaults);
        for (TenantDraft tenant : tenants) {
            file.tenant(tenant);
        }
        return file.toml.toString();
    }

    private void table(String header, Map<String, String> keys) {
        if (!keys.isEmpty()) {
            toml.append('\n').append(header).append('\n');
            keys.forEach((key, value) -> line("", key, value));
        }
    }

    private void tenant(TenantDraft tenant) {
        toml.append("\n# PgBouncer's databases: ")
                .append(comment(TenantRules.list(tenant.databases())))
                .append('\n');
        toml.append("[[tenant]]\n");
        tenant.keys().forEach((key, value) -> line("", key, value));
        for (Map<String, String> user : tenant.users()) {
            toml.append("\n  [[tenant.user]]\n");
            user.forEach((key, value) -> line("  ", key, value));
        }
    }

    private void line(String indent, String key, String value) {
        toml.append(indent).append(key).append(" = ").append(value).append('\n');
    }

    /** Names may hold what a comment can't. */
    private static String comment(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
