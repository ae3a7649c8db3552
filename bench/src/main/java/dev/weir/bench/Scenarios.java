package dev.weir.bench;

import java.util.List;

/** All scenarios there are. */
final class Scenarios {
    private Scenarios() {}

    /** Fresh ones, in the order in which they run and are reported. A new scenario is a line here. */
    static List<Scenario> all() {
        return List.of(
                new PgbenchScenario("select", Script.SELECT),
                new PgbenchScenario("tpcb", Script.TPCB),
                new ConnectScenario(),
                new TransferScenario("stream", Transfer.ROWS_1KB),
                new TransferScenario("rows", Transfer.ROWS_1MB),
                new TransferScenario("copy", Transfer.COPY_OUT, Transfer.COPY_IN),
                new TlsScenario(),
                new SystemCallScenario(),
                new DelayScenario(),
                new RateScenario(),
                new TenantsScenario(),
                new StartScenario(),
                new IdleScenario());
    }

    /** Those of these names, in the order of {@link #all}. */
    static List<Scenario> named(List<String> names) throws BenchFailure {
        List<String> known = all().stream().map(Scenario::name).toList();
        for (String name : names) {
            if (!known.contains(name)) {
                throw new BenchFailure(
                        "There is no scenario " + name + "; there are " + String.join(", ", known) + ".");
            }
        }
        return all().stream()
                .filter(scenario -> names.contains(scenario.name()))
                .toList();
    }
}
