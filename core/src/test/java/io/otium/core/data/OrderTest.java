package io.otium.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class OrderTest {
  private static final Examples<Integer> NUMBERS = Examples.generated(103, i -> i);

  @Test
  void randomNumbersAreThoseOfThePaper() {
    // The reference implementation's first outputs for the seed 1234567.
    SplitMix64 random = new SplitMix64(1234567);
    assertThat(random.nextLong()).isEqualTo(6457827717110365317L);
    assertThat(random.nextLong()).isEqualTo(3203168211198807973L);
  }

  @Test
  void everyEpochVisitsEveryExampleOnceInAnOrderOfItsOwn() {
    Order order = Order.shuffled(1000, 7);
    int[] all = IntStream.range(0, 1000).toArray();
    assertThat(Arrays.stream(order.epoch(0)).sorted().toArray()).isEqualTo(all);
    assertThat(order.epoch(0)).isNotEqualTo(all).isNotEqualTo(order.epoch(1));
    assertThat(order.epoch(3)).isEqualTo(Order.shuffled(1000, 7).epoch(3));
    assertThat(order.epoch(3)).isNotEqualTo(Order.shuffled(1000, 8).epoch(3));
  }

  @Test
  void aShuffleLeavesNoPlaceMoreOften() {
    int[] atFirst = new int[10];
    for (int epoch = 0; epoch < 10_000; epoch++) {
      atFirst[Order.shuffled(10, 1).epoch(epoch)[0]]++;
    }
    assertThat(Arrays.stream(atFirst)).allMatch(count -> count > 850 && count < 1150);
  }

  @Property(tries = 60)
  void batchesGoOnInTheMiddleAsIfNothingHadHappened(
      @ForAll @IntRange(min = 1, max = 40) int batchSize,
      @ForAll @IntRange(min = 0, max = 30) int stop,
      @ForAll boolean dropLast) {
    Order order = Order.shuffled(NUMBERS.size(), 5);
    Batches<Integer> whole = new Batches<>(NUMBERS, order, batchSize, dropLast);
    for (int i = 0; i < stop; i++) {
      whole.next();
    }
    Batches<Integer> resumed = new Batches<>(NUMBERS, order, batchSize, dropLast);
    resumed.seek(whole.cursor());
    for (int i = 0; i < 20; i++) {
      assertThat(resumed.next()).isEqualTo(whole.next());
      assertThat(resumed.cursor()).isEqualTo(whole.cursor());
    }
  }

  @Test
  void theLastBatchIsSmallerOrLeftOut() {
    Batches<Integer> all = new Batches<>(NUMBERS, Order.sequential(103), 50, false);
    assertThat(all.batches(0)).isEqualTo(3);
    all.next();
    all.next();
    assertThat(all.next()).containsExactly(100, 101, 102);
    assertThat(all.cursor()).isEqualTo(new Cursor(1, 0));
    Batches<Integer> whole = new Batches<>(NUMBERS, Order.sequential(103), 50, true);
    assertThat(whole.batches(0)).isEqualTo(2);
    whole.next();
    whole.next();
    assertThat(whole.cursor()).isEqualTo(new Cursor(1, 0));
    assertThatThrownBy(() -> new Batches<>(NUMBERS, Order.sequential(103), 104, true))
        .hasMessage("103 examples make no batch of 104");
  }

  @Test
  void aCursorOfOtherDataIsRefused() {
    Batches<Integer> batches = new Batches<>(NUMBERS, Order.sequential(103), 10, false);
    assertThatThrownBy(() -> batches.seek(new Cursor(2, 104)))
        .hasMessageContaining("epoch 2 has 103 examples, so none at 104");
  }

  @Test
  void processesShareABatchAmongThem() {
    int[] batch = IntStream.range(0, 11).toArray();
    List<Integer> together = new ArrayList<>();
    for (int rank = 0; rank < 4; rank++) {
      Arrays.stream(Batches.share(batch, rank, 4)).forEach(together::add);
    }
    assertThat(together).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
  }

  @Test
  void aMixtureKeepsItsSharesInEveryEpoch() {
    Mixture mixture = Mixture.of(List.of(10, 1000, 5), List.of(3.0, 1.0, 0.0), 200, 1);
    assertThat(mixture.shares()).containsExactly(150, 50, 0);
    for (int epoch = 0; epoch < 5; epoch++) {
      int[] items = mixture.epoch(epoch);
      assertThat(items).hasSize(200);
      assertThat(Arrays.stream(items).filter(i -> i < 10)).hasSize(150);
      assertThat(items).isEqualTo(mixture.epoch(epoch));
    }
  }

  @Test
  void aMixtureGoesOnInALargeDataSetWhereItStopped() {
    Mixture mixture = Mixture.of(List.of(4, 100), List.of(1.0, 1.0), 50, 1);
    int[] large =
        IntStream.range(0, 4)
            .flatMap(epoch -> Arrays.stream(mixture.epoch(epoch)).filter(i -> i >= 4))
            .toArray();
    assertThat(large).hasSize(100).doesNotHaveDuplicates();
  }

  @Test
  void aMixtureOfNothingIsRefused() {
    assertThatThrownBy(() -> Mixture.of(List.of(3, 0), List.of(1.0, 1.0), 10, 1))
        .hasMessage("data set 2 has the weight 1.0 but no examples");
    assertThatThrownBy(() -> Mixture.of(List.of(3), List.of(-1.0), 10, 1))
        .hasMessage("the weight of data set 1 must be at least 0, not -1.0");
    assertThatThrownBy(() -> Mixture.of(List.of(3), List.of(0.0), 10, 1))
        .hasMessage("a mixture needs a weight above 0");
  }

  @Test
  void groupsWasteLittleAndLoseNothing() {
    SplitMix64 random = new SplitMix64(3);
    int[] lengths = IntStream.range(0, 1003).map(i -> random.between(10, 1000)).toArray();
    Order shuffled = Order.shuffled(1003, 3);
    Order grouped = new LengthGroups(shuffled, lengths, 8, 3);
    for (int epoch = 0; epoch < 3; epoch++) {
      int[] items = grouped.epoch(epoch);
      assertThat(Arrays.stream(items).sorted().toArray())
          .isEqualTo(IntStream.range(0, 1003).toArray());
      assertThat(padding(items, lengths, 8)).isLessThan(0.05);
      assertThat(padding(shuffled.epoch(epoch), lengths, 8)).isGreaterThan(0.3);
      int longest = Arrays.stream(lengths).max().orElseThrow();
      assertThat(Arrays.stream(items).limit(8).map(i -> lengths[i]).max()).hasValue(longest);
    }
  }

  private static double padding(int[] items, int[] lengths, int batchSize) {
    long held = 0;
    long used = 0;
    for (int from = 0; from < items.length; from += batchSize) {
      int[] batch = Arrays.copyOfRange(items, from, Math.min(items.length, from + batchSize));
      held += (long) batch.length * Arrays.stream(batch).map(i -> lengths[i]).max().orElse(0);
      used += Arrays.stream(batch).map(i -> lengths[i]).sum();
    }
    return 1 - (double) used / held;
  }

  @Test
  void splitsShareNothingAndLoseNothing() {
    Split split = Split.of(1000, 0.1, 4);
    assertThat(split.heldOut()).hasSize(100);
    assertThat(
            IntStream.concat(IntStream.of(split.train()), IntStream.of(split.heldOut())).sorted())
        .containsExactlyElementsOf(IntStream.range(0, 1000).boxed().toList());
    assertThat(split).isEqualTo(Split.of(1000, 0.1, 4)).isNotEqualTo(Split.of(1000, 0.1, 5));
    assertThatThrownBy(() -> Split.of(10, 1.5, 4))
        .hasMessage("the share held out must be from 0 to 1, not 1.5");
  }

  @Test
  void aStratifiedSplitKeepsEveryLabelsShare() {
    List<String> labels =
        IntStream.range(0, 1000).mapToObj(i -> i % 100 == 0 ? "rare" : "often").toList();
    Split split = Split.stratified(labels, 0.2, 4);
    assertThat(Arrays.stream(split.heldOut()).filter(i -> i % 100 == 0)).hasSize(2);
    assertThat(split.heldOut()).hasSize(200);
    Split few = Split.stratified(List.of("a", "a", "b", "b", "c"), 0.1, 4);
    assertThat(Arrays.stream(few.heldOut()).mapToObj(List.of("a", "a", "b", "b", "c")::get))
        .containsExactly("a", "b");
  }

  @Test
  void dataSetsAreSelectedChangedAndJoinedWithoutACopy() {
    Examples<Integer> joined =
        Examples.concat(List.of(Examples.of(List.of(7, 8)), Examples.of(List.of()), NUMBERS));
    assertThat(joined.size()).isEqualTo(105);
    assertThat(joined.get(1)).isEqualTo(8);
    assertThat(joined.get(2)).isEqualTo(0);
    assertThat(joined.select(new int[] {104, 0}).map(i -> 2 * i).get(0)).isEqualTo(204);
    assertThatThrownBy(() -> joined.get(105)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
