package dev.weir.app;

import dev.weir.app.importing.ImportResult;
import dev.weir.app.importing.Importer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir import}: makes a configuration of PgBouncer's. */
@Command(
        name = "import",
        description = "Makes a weir.toml of PgBouncer's configuration, and a report of what became of it.",
        mixinStandardHelpOptions = true)
final class ImportCommand implements Callable<Integer> {
    @Spec
    @Nullable
    CommandSpec spec;

    @Parameters(index = "0", paramLabel = "INI", description = "PgBouncer's configuration.")
    Path ini = Path.of("pgbouncer.ini");

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "USERS",
            description = "Its list of users (default: the file that auth_file names).")
    @Nullable
    Path users;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where to write the weir.toml (default: standard output). Only its owner may read it.")
    @Nullable
    Path output;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Where to write the report (default: standard error).")
    @Nullable
    Path report;

    @Option(names = "--force", description = "Overwrites files that exist.")
    boolean force;

    @Override
    public Integer call() {
        Path folder = output == null ? null : output.toAbsolutePath().getParent();
        return switch (Importer.run(
                ini, Optional.ofNullable(users), folder == null ? Path.of("").toAbsolutePath() : folder)) {
            case ImportResult.Impossible(var faults) -> {
                faults.forEach(err()::println);
                yield Main.EXIT_CONFIGURATION;
            }
            case ImportResult.Made made -> write(made);
        };
    }

    private int write(ImportResult.Made made) {
        try {
            if (output == null) {
                out().print(made.toml());
                out().flush();
            } else {
                write(output, made.toml());
            }
            if (report == null) {
                err().print(made.report());
                err().flush();
            } else {
                write(report, made.report());
            }
            return 0;
        } catch (FileAlreadyExistsException exists) {
            err().println(exists.getFile() + " exists already; --force overwrites it");
        } catch (IOException failed) {
            err().println("can't write: " + failed);
        }
        return 1;
    }

    /** Passwords stand in it, so nobody else may read it, from its first byte on. */
    private void write(Path file, String text) throws IOException {
        if (force) {
            Files.deleteIfExists(file);
        }
        Set<OpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (var channel = Files.newByteChannel(
                file, options, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            var bytes = StandardCharsets.UTF_8.encode(text);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    private PrintWriter out() {
        return commandLine().getOut();
    }

    private PrintWriter err() {
        return commandLine().getErr();
    }

    private picocli.CommandLine commandLine() {
        if (spec == null) {
            throw new IllegalStateException("not called by the command line");
        }
        return spec.commandLine();
    }
}
