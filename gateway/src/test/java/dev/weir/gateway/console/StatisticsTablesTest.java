package dev.weir.gateway.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.pool.PoolCounters;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatisticsTablesTest {

    @Test
    void averagesOfNothingAreNothing() {
        List<Long> averages = StatisticsTables.averages(new PoolCounters(), new PoolCounters(), 0);
        assertThat(averages).hasSize(12).containsOnly(0L);
    }

    @Test
    void everyTableHasAValueForEachColumn() {
        int values = StatisticsTables.averages(new PoolCounters(), new PoolCounters(), 1)
                .size();
        assertThat(Column.list(StatisticsTables.STATS_TOTALS)).hasSize(1 + values);
        assertThat(Column.list(StatisticsTables.STATS_AVERAGES)).hasSize(1 + values);
        assertThat(Column.list(StatisticsTables.STATS)).hasSize(1 + 2 * values);
    }

    @Test
    void aPeriodIsBetweenTheLastTwoLooks() {
        Statistics statistics = new Statistics(5);
        assertThat(statistics.period().newer().nanos()).isEqualTo(5);
        statistics.sample(List.of(), 65);
        statistics.sample(List.of(), 125);
        Statistics.Period period = statistics.period();
        assertThat(period.newer().nanos() - period.older().nanos()).isEqualTo(60);
        assertThat(period.newer().counters()).isEqualTo(Map.of());
    }
}
