package dev.weir.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MetricsSettingsTest {
    @Test
    void readsHowManyPoolsHaveSeriesOfTheirOwn() {
        assertThat(ConfigTexts.read(ConfigTexts.TENANT).metrics().maxPools()).isEqualTo(1000);
        assertThat(ConfigTexts.read("[metrics]\nmax_pools = 7\n" + ConfigTexts.TENANT)
                        .metrics()
                        .maxPools())
                .isEqualTo(7);
        assertThat(ConfigTexts.faults("[metrics]\nmax_pools = 0\nmax_pool = 1\n" + ConfigTexts.TENANT))
                .hasSize(2);
    }
}
