package dev.weir.gateway.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.weir.pool.IoKind;
import dev.weir.pool.LaneCheck;
import dev.weir.pool.Lanes;
import dev.weir.pool.TlsProvider;
import dev.weir.tenants.ConsoleRole;
import dev.weir.tenants.Tenants;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SteeringTest {

    @Test
    void aDatabaseWithoutATenantIsUnknownWhereNoTenantIsTheDefault() {
        try (Lanes lanes = new Lanes(IoKind.NIO, TlsProvider.JDK, 1, Tenants.of(List.of(), Optional.empty()))) {
            ConsoleAccess everyone = new ConsoleAccess("ops", ConsoleRole.ADMIN, Optional.empty());
            Command.Steer pause = new Command.Steer(Verb.PAUSE, Optional.of(new Argument.Literal("shop")));
            assertThat(new Steering(lanes, new LaneAnswers(lanes, LaneCheck.LIMIT))
                            .carryOut(pause, everyone)
                            .exceptionNow())
                    .asInstanceOf(type(ConsoleException.class))
                    .satisfies(fault -> {
                        assertThat(fault.error().code()).isEqualTo("42704");
                        assertThat(fault.error().hint()).contains("database.tenant");
                    });
        }
    }
}
