package dev.weir.gateway;

import dev.weir.gateway.console.ConsoleOperations;
import dev.weir.gateway.console.ShutdownKind;
import dev.weir.tenants.TenantId;
import dev.weir.wire.Failure;
import java.util.List;
import java.util.Optional;

/** A process that can't be steered. */
public class NoOperations implements ConsoleOperations {
    @Override
    public String version() {
        return "test";
    }

    @Override
    public List<Setting> settings(Optional<TenantId> tenant) {
        return List.of();
    }

    @Override
    public Change set(Optional<TenantId> tenant, String key, String value) {
        return new Change.Fixed();
    }

    @Override
    public Optional<Failure> reload() {
        return Optional.of(new Failure.ReloadFailed("there is no file"));
    }

    @Override
    public void shutDown(boolean graceful) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<ShutdownKind> shutdown() {
        return Optional.empty();
    }
}
