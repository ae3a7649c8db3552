package dev.weir.app.importing;

import static dev.weir.app.importing.Outcome.CHANGED;
import static dev.weir.app.importing.Outcome.TAKEN;
import static dev.weir.app.importing.Setting.lost;
import static dev.weir.app.importing.Setting.mapped;
import static dev.weir.app.importing.Setting.needless;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The settings of PgBouncer about TLS and about who may log in. */
final class AccessSettings {
    private static final List<String> TLS_MODES =
            List.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");
    private static final List<String> AUTH_TYPES =
            List.of("any", "trust", "plain", "md5", "scram-sha-256", "cert", "hba", "pam", "peer", "ldap");
    private static final String CIPHERS = "TLS 1.2 and 1.3 with the choice of ciphers of the `tls_provider`.";
    private static final String LOOK_UP = "Weir looks nobody up: write each user as a `[[tenant.user]]`.";
    private static final String CONSOLE = "; its password is that of `auth_file`, else a variable to be set";

    static final List<Setting> ALL = List.of(
            mapped(
                            "auth_type",
                            "md5",
                            CHANGED,
                            "Every client logs in by SCRAM-SHA-256, which every driver of today can",
                            AccessSettings::authType)
                    .alsoWhenUnset(),
            mapped(
                    "auth_file",
                    "",
                    CHANGED,
                    "Its users become `[[tenant.user]]` of each tenant: passwords and SCRAM verifiers as they are, an MD5 as a variable to be set",
                    AccessSettings::authFile),
            lost("auth_hba_file", "", "Who may come from where is not checked: use a firewall."),
            lost("auth_ident_file", "", "Weir maps no names."),
            lost("auth_ldap_options", "", "Weir asks no LDAP server."),
            lost("auth_query", "", LOOK_UP),
            lost("auth_user", "", LOOK_UP),
            lost("auth_dbname", "", LOOK_UP),
            lost("scram_iterations", "4096", "Weir derives verifiers of plain passwords with 4096 iterations."),
            mapped(
                    "admin_users",
                    "",
                    CHANGED,
                    "A `[[console.user]]` each, of role `admin`" + CONSOLE,
                    (value, draft) -> console(value, "admin", draft)),
            mapped(
                    "stats_users",
                    "",
                    CHANGED,
                    "A `[[console.user]]` each, of role `stats`, unless it is one of `admin_users`" + CONSOLE,
                    (value, draft) -> console(value, "stats", draft)),
            mapped(
                    "client_tls_sslmode",
                    "disable",
                    CHANGED,
                    "`[tls]`, unless it is `disable`; Weir offers TLS and does not insist on it, and asks for no certificates of clients",
                    (value, draft) -> value.word(TLS_MODES).ifPresent(_ -> draft.clientTls = Optional.of(value))),
            mapped(
                    "client_tls_key_file",
                    "",
                    TAKEN,
                    "`key` of `[tls]`",
                    (value, draft) -> draft.tls.put("key", Draft.file(value))),
            mapped(
                    "client_tls_cert_file",
                    "",
                    TAKEN,
                    "`certificate` of `[tls]`",
                    (value, draft) -> draft.tls.put("certificate", Draft.file(value))),
            lost("client_tls_ca_file", "", "Weir asks for no certificates of clients."),
            lost("client_tls_protocols", "secure", CIPHERS),
            needless("client_tls_ciphers", "default", CIPHERS),
            needless("client_tls13_ciphers", "", CIPHERS),
            needless("client_tls_ecdhcurve", "auto", CIPHERS),
            needless("client_tls_dheparams", "auto", CIPHERS),
            mapped(
                    "server_tls_sslmode",
                    "prefer",
                    CHANGED,
                    "`upstream_tls`: `allow` becomes `disable`; `prefer` becomes `require`, for servers of this machine `disable`",
                    (value, draft) -> value.word(TLS_MODES).ifPresent(mode -> draft.serverTls = mode)),
            mapped(
                    "server_tls_ca_file",
                    "",
                    TAKEN,
                    "`upstream_ca`, with the verify modes",
                    (value, draft) -> draft.serverAuthorities = Optional.of(Draft.file(value))),
            lost("server_tls_key_file", "", "Weir shows servers no certificate."),
            lost("server_tls_cert_file", "", "Weir shows servers no certificate."),
            lost("server_tls_protocols", "secure", CIPHERS),
            needless("server_tls_ciphers", "default", CIPHERS),
            needless("server_tls13_ciphers", "", CIPHERS));

    private AccessSettings() {}

    private static void authType(Value value, Draft draft) {
        Optional<String> type = value.word(AUTH_TYPES);
        if (type.isEmpty()) {
            return;
        }
        switch (type.get()) {
            case "scram-sha-256" -> {}
            case "md5", "plain" ->
                draft.report.add(
                        Report.Kind.OTHERWISE,
                        value.place(),
                        "auth_type = " + type.get()
                                + ": clients log in by SCRAM-SHA-256; only drivers from before 2018 can't");
            case "any", "trust" ->
                draft.report.add(
                        Report.Kind.DO,
                        value.place(),
                        "auth_type = " + type.get()
                                + " let clients in without a password; to Weir everyone proves one: give"
                                + " clients theirs");
            default ->
                draft.report.add(
                        Report.Kind.DO,
                        value.place(),
                        "auth_type = " + type.get()
                                + " has no counterpart: clients log in by password (SCRAM-SHA-256) only");
        }
    }

    private static void authFile(Value value, Draft draft) {
        if (!value.text().isEmpty()) {
            draft.authFile =
                    Optional.of(Paths.find(value.text(), Path.of(value.place().file())));
            draft.authFileValue = Optional.of(value);
        }
    }

    /** Who is in both lists is an administrator: that list is read first. */
    private static void console(Value value, String role, Draft draft) {
        for (String user : value.list()) {
            draft.consoleUsers.putIfAbsent(user, new Draft.ConsoleUser(role, value.place()));
        }
    }
}
