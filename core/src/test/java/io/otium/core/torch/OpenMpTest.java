package io.otium.core.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otium.core.tensor.Threads;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenMpTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void everyWorkerRunsOnce(int threads) {
    try (var _ = new Threads(threads)) {
      var times = new AtomicIntegerArray(threads);
      for (int i = 0; i < 50; i++) {
        OpenMp.run(
            (worker, workers) -> {
              assertThat(workers).isEqualTo(threads);
              times.incrementAndGet(worker);
            });
      }
      for (int w = 0; w < threads; w++) assertThat(times.get(w)).as("worker %d", w).isEqualTo(50);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void whatAWorkerThrowsArrives(int threads) {
    try (var _ = new Threads(threads)) {
      assertThatThrownBy(
              () ->
                  OpenMp.run(
                      (worker, workers) -> {
                        if (worker == workers - 1) throw new IllegalStateException("broken");
                      }))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("broken");
    }
  }
}
