package io.otium.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RandomnessTest {
  private Scope scope;

  @BeforeEach
  void open() {
    scope = new Scope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void streamsGoOnExactlyFromASavedState() {
    var before = new Randomness(7);
    before.stream("a").randn(5);
    before.stream("b").nextLong();
    var state = before.state();
    float[] a = before.stream("a").randn(33).toFloats();
    long b = before.stream("b").nextLong();
    float[] c = before.stream("c").rand(3).toFloats();

    var after = new Randomness(7);
    after.stream("c").rand(10);
    after.restore(state);
    assertThat(after.stream("a").randn(33).toFloats()).containsExactly(a);
    assertThat(after.stream("b").nextLong()).isEqualTo(b);
    assertThat(after.stream("c").rand(3).toFloats()).containsExactly(c);
  }

  @Test
  void streamsOfOtherNamesOrSeedsDiffer() {
    float[] a = new Randomness(1).stream("init").rand(4).toFloats();
    assertThat(new Randomness(1).stream("init").rand(4).toFloats()).containsExactly(a);
    assertThat(new Randomness(2).stream("init").rand(4).toFloats()).isNotEqualTo(a);
    assertThat(new Randomness(1).stream("dropout").rand(4).toFloats()).isNotEqualTo(a);
  }

  @Test
  void theTensorsAndTheNumbersOfAStreamDoNotDisturbEachOther() {
    var one = new RandomStream(3);
    long first = one.nextLong();
    var two = new RandomStream(3);
    two.rand(100);
    assertThat(two.nextLong()).isEqualTo(first);
  }

  @Test
  void drawsLieWhereTheyShould() {
    var stream = new RandomStream(5);
    assertThat(stream.randperm(20).toLongs()).containsExactlyInAnyOrder(range(20));
    assertThat(stream.randint(3, 6, 100).toLongs()).containsOnly(3, 4, 5);
    assertThat(stream.randn(10_000).mean().item()).isCloseTo(0, within(0.05));
    assertThat(stream.randn(10_000).std().item()).isCloseTo(1, within(0.05));
    assertThat(stream.multinomial(Tensor.of(new float[] {0, 1, 0}), 4, true).toLongs())
        .containsOnly(1);
    List<Integer> list = new ArrayList<>(IntStream.range(0, 30).boxed().toList());
    stream.shuffle(list);
    assertThat(list).containsExactlyInAnyOrderElementsOf(IntStream.range(0, 30).boxed().toList());
    assertThat(list).isNotEqualTo(IntStream.range(0, 30).boxed().toList());
  }

  private static Long[] range(int n) {
    return IntStream.range(0, n).mapToObj(i -> (long) i).toArray(Long[]::new);
  }

  @Test
  void dropoutFollowsItsStreamAndKeepsTheExpectation() {
    Tensor x = Tensor.ones(100, 100).requiresGrad(true);
    Tensor y = Functional.dropout(x, 0.25, new RandomStream(9));
    assertThat(y.sameAs(Functional.dropout(x, 0.25, new RandomStream(9)))).isTrue();
    assertThat(y.eq(0).to(DType.F32).mean().item()).isCloseTo(0.25, within(0.02));
    assertThat(y.max().item()).isCloseTo(1 / 0.75, within(1e-6));
    y.sum().backward();
    assertThat(x.grad().sameAs(y.detach())).isTrue();
    assertThat(Functional.dropout(x, 1, new RandomStream(9)).abs().sum().item()).isZero();
    assertThatThrownBy(() -> Functional.dropout(x, 1.5, new RandomStream(9)))
        .hasMessage("dropout is from 0 to 1, not 1.5");
  }

  @Test
  void whatIsNoStateIsRefused() {
    assertThatThrownBy(() -> new RandomStream(1).restore(new byte[3]))
        .hasMessageContaining("at least 8 bytes");
    assertThatThrownBy(() -> new RandomStream(1).restore(new byte[20]))
        .isInstanceOf(TensorException.class);
  }
}
