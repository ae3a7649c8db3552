package dev.weir.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MediansTest {
    @Test
    void takesTheMiddle() {
        assertThat(Medians.median(List.of(9.0, 1.0, 5.0), value -> value)).isEqualTo(5);
    }

    @Test
    void takesTheMeanOfTheTwoInTheMiddle() {
        assertThat(Medians.median(List.of(9.0, 1.0, 5.0, 6.0), value -> value)).isEqualTo(5.5);
    }

    @Test
    void leavesOutWhatIsNotKnown() {
        List<Double> rounds = List.of(Double.NaN, 3.0, 1.0, Double.NaN, 2.0);
        assertThat(Medians.median(rounds, value -> value)).isEqualTo(2);
        assertThat(Medians.least(rounds, value -> value)).isEqualTo(1);
        assertThat(Medians.most(rounds, value -> value)).isEqualTo(3);
    }

    @Test
    void isNotKnownOfNothing() {
        assertThat(Medians.median(List.of(Double.NaN), value -> value)).isNaN();
        assertThat(Medians.least(List.<Double>of(), value -> value)).isNaN();
        assertThat(Medians.most(List.<Double>of(), value -> value)).isNaN();
    }
}
