package dev.weir.gateway.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.tenants.ConsoleLimits;
import dev.weir.tenants.TenantId;
import dev.weir.wire.Failure;
import org.junit.jupiter.api.Test;

class TenantSessionsTest {
    private static final TenantId RED = new TenantId("red");
    private static final TenantId BLUE = new TenantId("blue");
    private static final ConsoleLimits THREE_AND_TWO = new ConsoleLimits(3, 2);

    private final TenantSessions sessions = new TenantSessions();

    @Test
    void eachTenantHasItsLimit() {
        assertThat(sessions.add(RED, THREE_AND_TWO)).isNull();
        assertThat(sessions.add(RED, THREE_AND_TWO)).isNull();
        assertThat(sessions.add(RED, THREE_AND_TWO)).isEqualTo(new Failure.TooManyOfTenantAtConsole(2));
        assertThat(sessions.add(BLUE, THREE_AND_TWO))
                .as("who was refused takes nobody's place")
                .isNull();
        sessions.remove(RED);
        assertThat(sessions.add(RED, THREE_AND_TWO)).isNull();
    }

    @Test
    void allHaveOneTogether() {
        sessions.add(RED, THREE_AND_TWO);
        sessions.add(RED, THREE_AND_TWO);
        sessions.add(BLUE, THREE_AND_TWO);
        assertThat(sessions.add(BLUE, THREE_AND_TWO)).isEqualTo(new Failure.TooManyAtConsole(3));
        sessions.remove(RED);
        assertThat(sessions.add(BLUE, THREE_AND_TWO))
                .as("who was refused is not counted")
                .isNull();
    }

    @Test
    void aLowerLimitHoldsForThoseToCome() {
        sessions.add(RED, THREE_AND_TWO);
        sessions.add(RED, THREE_AND_TWO);
        ConsoleLimits one = new ConsoleLimits(1, 2);
        assertThat(sessions.add(BLUE, one)).isEqualTo(new Failure.TooManyAtConsole(1));
        sessions.remove(RED);
        assertThat(sessions.add(BLUE, one)).isEqualTo(new Failure.TooManyAtConsole(1));
        sessions.remove(RED);
        assertThat(sessions.add(BLUE, one)).isNull();
    }
}
