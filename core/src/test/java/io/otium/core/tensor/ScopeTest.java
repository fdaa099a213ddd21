package io.otium.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScopeTest {
  private static final Path STATM = Path.of("/proc/self/statm");
  private static final long PAGE = 4096;

  @Test
  void whatIsMadeInAScopeEndsWithIt() {
    Tensor inside;
    Tensor outside = Tensor.ones(2);
    try (var scope = new Scope()) {
      inside = outside.add(1);
      assertThat(scope.size()).isEqualTo(1);
    }
    assertThat(inside.isClosed()).isTrue();
    assertThat(outside.toFloats()).containsExactly(1, 1);
    outside.close();
  }

  @Test
  void aKeptTensorBelongsToTheScopeAround() {
    Tensor kept;
    Tensor free;
    try (var outer = new Scope()) {
      try (var inner = new Scope()) {
        kept = inner.keep(Tensor.ones(1));
        free = Tensor.ones(1).keep();
      }
      assertThat(kept.toFloats()).containsExactly(1);
      assertThat(outer.size()).isEqualTo(1);
    }
    assertThat(kept.isClosed()).isTrue();
    assertThat(free.isClosed()).isFalse();
    free.close();
  }

  @Test
  void scopesEndInTheReverseOrder() {
    var outer = new Scope();
    var inner = new Scope();
    assertThatThrownBy(outer::close).hasMessage("a scope opened within this one is still open");
    inner.close();
    outer.close();
    outer.close();
  }

  @Test
  void tenThousandStepsOfTrainingLeaveTheMemoryAsItWas() throws IOException {
    assumeThat(STATM).as("needs /proc/self/statm to see the resident memory").exists();
    var random = new RandomStream(1);
    Tensor w1 = random.randn(128, 64).mulInPlace(0.05).requiresGrad(true);
    Tensor w2 = random.randn(10, 128).mulInPlace(0.05).requiresGrad(true);
    steps(2_000, random, w1, w2);
    long before = resident();
    steps(10_000, random, w1, w2);
    // One step's tensors take 50 kB: had they stayed, this would be 500 MB.
    assertThat(resident() - before).isLessThan(48L << 20);
  }

  private static void steps(int steps, RandomStream random, Tensor w1, Tensor w2) {
    for (int i = 0; i < steps; i++) {
      try (var _ = new Scope()) {
        Tensor x = random.randn(16, 64);
        Tensor hidden = Functional.dropout(Functional.linear(x, w1, null).relu(), 0.1, random);
        Tensor loss =
            Losses.crossEntropy(Functional.linear(hidden, w2, null), random.randint(0, 10, 16));
        loss.backward();
        try (var _ = new NoGrad()) {
          for (Tensor w : List.of(w1, w2)) {
            w.addInPlace(w.grad(), -0.01);
            w.zeroGrad();
          }
        }
      }
    }
  }

  private static long resident() throws IOException {
    return Long.parseLong(Files.readString(STATM).split(" ")[1]) * PAGE;
  }
}
