package dev.weir.app;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code weir}: the command line. */
@Command(
        name = "weir",
        description = "A multi-tenant Postgres connection pooler.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {DemoCommand.class, ServeCommand.class, CheckCommand.class, ImportCommand.class})
public final class Main {
    /** The configuration can't be used. */
    static final int EXIT_CONFIGURATION = 2;

    private Main() {}

    /** Exit codes: 0 done, 1 failed, 2 the command line or the configuration has a fault. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main()).execute(arguments));
    }
}
