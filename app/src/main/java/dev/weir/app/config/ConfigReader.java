package dev.weir.app.config;

import dev.weir.tenants.Ceilings;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantId;
import dev.weir.tenants.Tenants;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.tomlj.Toml;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlVersion;

/**
 * Reads {@code weir.toml} (TOML 1.1) and checks all of it at once. It finds every fault, except that a file with errors
 * in its syntax is judged no further, because what then is missing may only have been misread. It throws for no input.
 */
public final class ConfigReader {
    private static final String USUAL_NAME = "weir.toml";
    private static final int MAX_FILE_BYTES = 16 << 20;

    private static final String CONSOLE = "console";
    private static final String DEFAULTS = "defaults";
    private static final String LISTEN = "listen";
    private static final String LOG = "log";
    private static final String METRICS = "metrics";
    private static final String TENANT = "tenant";
    private static final String HOST = "host";
    private static final String TLS = "tls";

    private ConfigReader() {}

    /**
     * Reads a file, with this process's environment.
     *
     * @param file at most 16 MiB of UTF-8; relative paths in it start at its folder. A file that can't be read is a fault
     */
    public static ConfigResult read(Path file) {
        return read(file, System.getenv());
    }

    /** As {@link #read(Path)}, with another environment. */
    public static ConfigResult read(Path file, Map<String, String> environment) {
        Path parent = file.toAbsolutePath().getParent();
        ConfigSource source = new ConfigSource(file.toString(), parent == null ? file : parent, environment);
        return switch (TextFile.read(file, MAX_FILE_BYTES)) {
            case TextFile.Text(String text) ->
                read(new ConfigText(file.toString(), text, source.folder(), environment), LimitChanges.NONE);
            case TextFile.Unreadable(String reason) -> {
                source.fault(0, "", reason);
                yield new ConfigResult.Faulty(source.faults());
            }
        };
    }

    /**
     * Reads a text; its faults name the file {@code weir.toml}.
     *
     * @param base the folder where relative paths start
     * @param environment the variables that <code>${NAME}</code> can name
     */
    public static ConfigResult read(String text, Path base, Map<String, String> environment) {
        return read(new ConfigText(USUAL_NAME, text, base, environment), LimitChanges.NONE);
    }

    /** Reads again what was read before, with limits that were changed meanwhile. */
    public static ConfigResult read(ConfigText written, LimitChanges changes) {
        ConfigSource source = new ConfigSource(written.file(), written.folder(), written.environment());
        TomlParseResult file = Toml.parse(withoutByteOrderMark(written.text()), TomlVersion.V1_1_0);
        if (file.hasErrors()) {
            for (TomlParseError error : file.errors()) {
                source.fault(error.position().line(), "", SyntaxErrorText.of(error));
            }
            return new ConfigResult.Faulty(source.faults());
        }
        ConfigTable top = ConfigTable.top(source, file);
        top.refuseUnknown(
                Set.of(ConfigSection.TOP), Set.of(LISTEN, TLS, LOG, METRICS, CONSOLE, DEFAULTS, HOST, TENANT));
        ConfigTable listenTable = top.tableOrEmpty(LISTEN);
        WeirConfig.Listen listen = listen(listenTable);
        OptionalInt maxClients = listenTable
                .written(ConfigKeys.ALL_MAX_CLIENTS)
                .map(OptionalInt::of)
                .orElse(OptionalInt.empty());
        Optional<WeirConfig.Tls> tls = top.table(TLS).flatMap(ConfigReader::tls);
        WeirConfig.Log log = log(top.tableOrEmpty(LOG));
        WeirConfig.Metrics metrics = metrics(top.tableOrEmpty(METRICS));
        WeirConfig.Engine engine = new WeirConfig.Engine(
                top.value(ConfigKeys.IO),
                top.value(ConfigKeys.TLS_PROVIDER),
                top.written(ConfigKeys.LANES).orElseGet(ConfigReader::lanesOfMachine));
        ConfigTable defaults = top.tableOrEmpty(DEFAULTS);
        defaults.refuseUnknown(Set.of(ConfigSection.LIMITS), Set.of());
        Limits limits = Limits.builtIn().overriddenBy(defaults);
        HostReader hosts = HostReader.read(top.tables(HOST));
        TenantReader tenantReader = new TenantReader(limits, changes, source, hosts);
        List<Tenant> tenants = new ArrayList<>();
        for (ConfigTable table : top.tables(TENANT)) {
            tenantReader.read(table).ifPresent(tenants::add);
        }
        WeirConfig.Console console = ConsoleReader.read(top.tableOrEmpty(CONSOLE), tenantReader.consoleRoles());
        hosts.refuseTooManyGuarantees(tenants);
        Optional<TenantId> defaultTenant = defaultTenant(top, tenantReader.ids());
        Ceilings ceilings = new Ceilings(hosts.limits(), maxClients);
        return source.isFaulty()
                ? new ConfigResult.Faulty(source.faults())
                : new ConfigResult.Read(new WeirConfig(
                        listen,
                        tls,
                        log,
                        console,
                        engine,
                        metrics,
                        Tenants.of(tenants, defaultTenant, ceilings),
                        tenantReader.limitTexts(),
                        written));
    }

    private static WeirConfig.Listen listen(ConfigTable table) {
        table.refuseUnknown(Set.of(ConfigSection.LISTEN), Set.of());
        WeirConfig.Listen listen = new WeirConfig.Listen(
                table.value(ConfigKeys.LISTEN_HOST),
                table.value(ConfigKeys.TRANSACTION_PORT),
                table.value(ConfigKeys.SESSION_PORT),
                table.value(ConfigKeys.HTTP_PORT),
                table.value(ConfigKeys.BACKLOG),
                table.value(ConfigKeys.LOGIN_TIMEOUT),
                table.value(ConfigKeys.SHUTDOWN_GRACE));
        refuseSamePort(
                table,
                ConfigKeys.TRANSACTION_PORT,
                listen.transactionPort(),
                ConfigKeys.SESSION_PORT,
                listen.sessionPort());
        refuseSamePort(
                table, ConfigKeys.TRANSACTION_PORT, listen.transactionPort(), ConfigKeys.HTTP_PORT, listen.httpPort());
        refuseSamePort(table, ConfigKeys.SESSION_PORT, listen.sessionPort(), ConfigKeys.HTTP_PORT, listen.httpPort());
        return listen;
    }

    /** Reports two equal ports at the second, or at the first if the second is only a default. */
    private static void refuseSamePort(
            ConfigTable table, ConfigKey<Integer> first, int firstPort, ConfigKey<Integer> second, int secondPort) {
        if (firstPort != secondPort || firstPort == 0) {
            return;
        }
        ConfigKey<Integer> at = table.has(second) ? second : first;
        ConfigKey<Integer> other = at.equals(second) ? first : second;
        table.fault(at, "must differ from " + other.name() + ", both are " + firstPort);
    }

    private static Optional<WeirConfig.Tls> tls(ConfigTable table) {
        table.refuseUnknown(Set.of(ConfigSection.TLS), Set.of());
        Optional<Path> certificate = table.required(ConfigKeys.CERTIFICATE);
        Optional<Path> key = table.required(ConfigKeys.KEY);
        return certificate.flatMap(chain -> key.map(secret -> new WeirConfig.Tls(chain, secret)));
    }

    private static WeirConfig.Log log(ConfigTable table) {
        table.refuseUnknown(Set.of(ConfigSection.LOG), Set.of());
        return new WeirConfig.Log(
                table.value(ConfigKeys.FORMAT),
                table.value(ConfigKeys.LEVEL),
                table.value(ConfigKeys.LOG_CONNECTIONS),
                table.value(ConfigKeys.SLOW_CHECKOUT),
                table.value(ConfigKeys.SLOW_QUERY));
    }

    private static WeirConfig.Metrics metrics(ConfigTable table) {
        table.refuseUnknown(Set.of(ConfigSection.METRICS), Set.of());
        return new WeirConfig.Metrics(table.value(ConfigKeys.MAX_POOLS));
    }

    private static Optional<TenantId> defaultTenant(ConfigTable top, Set<TenantId> ids) {
        Optional<TenantId> wanted = top.written(ConfigKeys.DEFAULT_TENANT);
        if (wanted.isPresent() && !ids.contains(wanted.get())) {
            String nearest = NearestWord.to(
                            wanted.get().value(),
                            ids.stream().map(TenantId::value).sorted().toList())
                    .map(id -> ", did you mean \"" + id + "\"?")
                    .orElse("");
            top.fault(ConfigKeys.DEFAULT_TENANT, "must be the id of a tenant, is \"" + wanted.get() + "\"" + nearest);
        }
        return wanted;
    }

    private static int lanesOfMachine() {
        return Math.min(Runtime.getRuntime().availableProcessors(), ConfigKeys.MAX_LANES);
    }

    /** Some editors begin a UTF-8 file with one. */
    private static String withoutByteOrderMark(String text) {
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }
}
