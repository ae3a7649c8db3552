package dev.weir.pool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;

/** Whether each lane comes to a task, and when. */
public final class LaneCheck {
    /** A lane that has not answered after this is stuck, or has ended. */
    public static final Duration LIMIT = Duration.ofSeconds(5);

    /** What became of each lane's task: nanoseconds until it ran. */
    private final List<CompletableFuture<Long>> answers = new ArrayList<>();

    private final List<Lane> lanes;

    private LaneCheck(List<Lane> lanes) {
        this.lanes = lanes;
    }

    /** Asks all of them at once. */
    public static LaneCheck begin(List<Lane> lanes) {
        LaneCheck check = new LaneCheck(lanes);
        for (Lane lane : lanes) {
            long asked = System.nanoTime();
            CompletableFuture<Long> answer = new CompletableFuture<>();
            try {
                lane.loop().execute(() -> answer.complete(System.nanoTime() - asked));
            } catch (RejectedExecutionException ended) {
                answer.completeExceptionally(ended);
            }
            check.answers.add(answer);
        }
        return check;
    }

    /** Completed when all have answered; exceptionally when one has ended. */
    public CompletableFuture<Void> all() {
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new));
    }

    /** How long a lane took to come to its task, in nanoseconds; -1 if it has not. */
    public long answerNanos(int index) {
        CompletableFuture<Long> answer = answers.get(index);
        return answer.isDone() && !answer.isCompletedExceptionally() ? answer.getNow(-1L) : -1;
    }

    /** Those that have not answered, in words; empty if all have. */
    public String silent() {
        return lanes.stream()
                .filter(lane -> answerNanos(lanes.indexOf(lane)) < 0)
                .map(Lane::toString)
                .collect(Collectors.joining(", "));
    }
}
