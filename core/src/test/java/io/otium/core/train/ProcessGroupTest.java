package io.otium.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otium.core.data.BatchSource;
import io.otium.core.data.Cursor;
import io.otium.core.optim.AdamW;
import io.otium.core.optim.Optimizer;
import io.otium.core.optim.Schedule;
import io.otium.core.tensor.DType;
import io.otium.core.tensor.NoGrad;
import io.otium.core.tensor.ProcessGroup;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gloo's processes as threads of one: what they send each other is the same. */
class ProcessGroupTest {
  private static final int STEPS = 6;

  @TempDir Path folder;

  @Test
  void twoProcessesHaveTheLossesOfOneWithAllBatches() throws Exception {
    List<Double> alone = train(null);
    String meeting = "file:" + folder.resolve("meeting");
    var other =
        CompletableFuture.supplyAsync(
            () -> {
              try (ProcessGroup group = ProcessGroup.join(meeting, 1, 2)) {
                return train(group);
              }
            });
    List<Double> together;
    try (ProcessGroup group = ProcessGroup.join(meeting, 0, 2)) {
      together = train(group);
    }
    assertThat(together).containsExactlyElementsOf(alone);
    assertThat(other.get()).containsExactlyElementsOf(alone);
    assertThat(alone.getLast()).isLessThan(alone.getFirst());
  }

  @Test
  void theyMeetAtAnAddressToo() throws Exception {
    int port;
    try (var free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    String meeting = "127.0.0.1:" + port;
    var other =
        CompletableFuture.supplyAsync(
            () -> {
              try (ProcessGroup group = ProcessGroup.join(meeting, 1, 2)) {
                return group.sum(30);
              }
            });
    try (ProcessGroup group = ProcessGroup.join(meeting, 0, 2)) {
      assertThat(group.sum(12)).isEqualTo(42);
    }
    assertThat(other.get()).isEqualTo(42);
  }

  @Test
  void batchesThatCannotBeSharedEvenlyAreRefused() {
    try (ProcessGroup alone = ProcessGroup.join("file:" + folder.resolve("one"), 0, 1)) {
      assertThat(alone.sum(3)).isEqualTo(3);
    }
    assertThatThrownBy(() -> ProcessGroup.join("file:x", 2, 2))
        .hasMessage("process 2 of 2: numbers go from 0 to one less than there are");
    assertThatThrownBy(() -> ProcessGroup.join("nowhere", 0, 2))
        .hasMessageContaining("a meeting place is file:PATH or HOST:PORT");
  }

  /** Learns {@code y = x · w} with two batches a step; the losses. */
  private static List<Double> train(@Nullable ProcessGroup group) {
    List<Double> losses = new ArrayList<>();
    try (Tensor w = Tensor.zeros(DType.F32, 8, 1).keep().requiresGrad(true);
        Optimizer optimizer = Optimizer.of(AdamW.DEFAULTS.withLr(0.1), Map.of("w", w))) {
      var trainer =
          new Trainer<>(
                  new Regression(w),
                  new Numbers(),
                  optimizer,
                  Schedule.constant(0),
                  new Randomness(1),
                  new TrainerOptions(STEPS, 2, 1))
              .with(
                  new TrainCallback() {
                    @Override
                    public void step(Trainer<?> trainer, TrainStep step) {
                      losses.add(step.loss());
                    }
                  });
      if (group != null) trainer.together(group);
      trainer.run();
    }
    return losses;
  }

  private record Regression(Tensor w) implements Objective<float[]> {
    @Override
    public double weight(float[] batch) {
      return batch.length / 8.0;
    }

    @Override
    public double backward(float[] batch, double scale) {
      try (var _ = new Scope()) {
        Tensor loss = sum(batch);
        loss.mul(scale).backward();
        return loss.item();
      }
    }

    @Override
    public double loss(float[] batch) {
      try (var _ = new Scope();
          var _ = new NoGrad()) {
        return sum(batch).item();
      }
    }

    private Tensor sum(float[] batch) {
      Tensor x = Tensor.of(batch, batch.length / 8, 8);
      Tensor error = x.matmul(w).sub(x.sum(true, 1));
      return error.mul(error).sum();
    }
  }

  private static final class Numbers implements BatchSource<float[]> {
    private int position;

    @Override
    public float[] next() {
      var random = new Random(position++);
      float[] batch = new float[8 * (1 + position % 3)];
      for (int i = 0; i < batch.length; i++) batch[i] = (float) random.nextGaussian();
      return batch;
    }

    @Override
    public int batches(int epoch) {
      return Integer.MAX_VALUE;
    }

    @Override
    public Cursor cursor() {
      return new Cursor(0, position);
    }

    @Override
    public void seek(Cursor to) {
      position = to.position();
    }
  }
}
