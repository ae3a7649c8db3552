package dev.weir.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProgressTest {
    @Test
    void countsOverAllScenarios() {
        Progress progress = new Progress(3);
        progress.begin(2);
        assertThat(progress.next()).isEqualTo("[1 of 3] ");
        assertThat(progress.next()).isEqualTo("[2 of 3] ");
        progress.begin(1);
        assertThat(progress.next()).isEqualTo("[3 of 3] ");
    }

    @Test
    void aScenarioThatMakesFewerOrMoreThanItSaidDoesNotMoveTheOthers() {
        Progress progress = new Progress(6);
        progress.begin(3);
        progress.next();
        progress.begin(1);
        assertThat(progress.next()).isEqualTo("[4 of 6] ");
        assertThat(progress.next()).isEqualTo("[4 of 6] ");
        progress.begin(2);
        assertThat(progress.next()).isEqualTo("[5 of 6] ");
    }
}
