package dev.weir.app.config;

import dev.weir.tenants.Secret;
import java.nio.file.Path;
import java.util.Optional;

/** Reads the secret of a user: a password or a verifier, in the file or in one of its own. */
record SecretReader(ConfigKey<String> password, ConfigKey<Path> file) {
    private static final int MAX_PASSWORD_FILE_BYTES = 65_536;

    /** Empty after a fault. */
    Optional<Secret> read(ConfigTable table) {
        boolean hasPassword = table.has(password);
        if (hasPassword && table.has(file)) {
            table.fault(file, "must not stand beside password: one of them is enough");
            return Optional.empty();
        }
        if (hasPassword) {
            return table.written(password).flatMap(text -> secret(table, password, text));
        }
        if (!table.has(file)) {
            table.fault(password, "is missing: a user needs a password or a password_file");
            return Optional.empty();
        }
        return table.written(file).flatMap(path -> switch (TextFile.read(path, MAX_PASSWORD_FILE_BYTES)) {
            case TextFile.Text(String text) -> secretOfFile(table, text);
            case TextFile.Unreadable(String reason) -> {
                table.fault(file, reason);
                yield Optional.empty();
            }
        });
    }

    private Optional<Secret> secretOfFile(ConfigTable table, String content) {
        String text = content.endsWith("\r\n")
                ? content.substring(0, content.length() - 2)
                : content.endsWith("\n") ? content.substring(0, content.length() - 1) : content;
        if (text.isEmpty() || text.indexOf('\0') >= 0) {
            table.fault(file, "must hold a text that is not empty");
            return Optional.empty();
        }
        return secret(table, file, text);
    }

    private static Optional<Secret> secret(ConfigTable table, ConfigKey<?> key, String text) {
        if (!text.startsWith(ScramVerifierSyntax.PREFIX)) {
            return Optional.of(new Secret.Password(text));
        }
        Optional<String> fault = ScramVerifierSyntax.fault(text);
        if (fault.isPresent()) {
            table.fault(key, fault.get());
            return Optional.empty();
        }
        return Optional.of(new Secret.ScramVerifierText(text));
    }
}
