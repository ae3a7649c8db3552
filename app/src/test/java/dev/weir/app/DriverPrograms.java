package dev.weir.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Drivers of other languages and the scripts that use them; installed below target, once a build folder. */
final class DriverPrograms {
    private static final Path NODE = Path.of("target", "node").toAbsolutePath();
    private static final Path PYTHON = Path.of("target", "python").toAbsolutePath();
    /** The newest ones; where they can't be had, Debian's are used. */
    private static final List<String> PYTHON_PACKAGES =
            List.of("asyncpg==0.31.0", "psycopg==3.3.6", "SQLAlchemy==2.1.1", "greenlet");

    private DriverPrograms() {}

    /** Runs a script of src/test/node; skips the test where there is no Node.js or no registry. */
    static Programs.Result node(String script, Map<String, String> environment) throws IOException {
        Programs.require("node");
        Programs.require("npm");
        installNodePackages();
        copyScripts(Path.of("src", "test", "node"), NODE);
        return Programs.run(NODE, environment, "", List.of("node", script));
    }

    private static synchronized void installNodePackages() throws IOException {
        Path done = NODE.resolve("installed");
        String wanted = Files.readString(Path.of("src", "test", "node", "package.json"));
        if (Files.exists(done) && Files.readString(done).equals(wanted)) {
            return;
        }
        Files.createDirectories(NODE);
        Files.writeString(NODE.resolve("package.json"), wanted);
        Programs.Result install = Programs.run(
                NODE,
                Map.of(),
                "",
                List.of("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1"));
        if (install.status() != 0) {
            Programs.skip("npm could not install the drivers: " + install.output());
        }
        Files.writeString(done, wanted);
    }

    private static synchronized void copyScripts(Path from, Path to) throws IOException {
        try (Stream<Path> scripts = Files.walk(from)) {
            for (Path script : scripts.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(from.relativize(script).toString());
                if (!copy.endsWith("package.json")) {
                    Files.createDirectories(copy.getParent());
                    Files.copy(script, copy, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    /** Runs a script of src/test/python; skips the test where there is no Python or the script misses its driver. */
    static Programs.Result python(String script, Map<String, String> environment) throws IOException {
        installPythonPackages();
        Programs.Result result = Programs.run(
                Path.of("src", "test", "python").toAbsolutePath(),
                environment,
                "",
                List.of(PYTHON.resolve("bin").resolve("python").toString(), "-B", script));
        if (result.status() == 77) {
            Programs.skip(result.output().strip());
        }
        return result;
    }

    private static synchronized void installPythonPackages() throws IOException {
        Path done = PYTHON.resolve("installed");
        String wanted = String.join("\n", PYTHON_PACKAGES);
        if (Files.exists(done) && Files.readString(done).equals(wanted)) {
            return;
        }
        // Debian's packages belong to its own Python, which need not be the first on the PATH.
        Path python = Path.of("/usr/bin/python3");
        if (!Files.isExecutable(python)) {
            Programs.skip("there is no " + python);
        }
        Path here = Path.of("").toAbsolutePath();
        List<String> make =
                List.of(python.toString(), "-m", "venv", "--clear", "--system-site-packages", PYTHON.toString());
        if (Programs.run(here, Map.of(), "", make).status() != 0) {
            Programs.skip("Python's venv is not installed");
        }
        for (String name : PYTHON_PACKAGES) {
            Programs.Result install = Programs.run(
                    here,
                    Map.of(),
                    "",
                    List.of(PYTHON.resolve("bin").resolve("pip").toString(), "install", "-q", "--retries=0", name));
            if (install.status() != 0) {
                System.out.println("not installed, so Debian's is used if it is there: " + name);
            }
        }
        Files.writeString(done, wanted);
    }
}
