package io.otium.lm.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otium.core.data.Cursor;
import io.otium.core.data.Order;
import io.otium.core.data.SplitMix64;
import io.otium.lm.data.PackingOptions.Packing;
import io.otium.lm.data.PackingOptions.TooLong;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PackedRowsTest {
  /**
   * Documents whose tokens tell where they come from: 1,000 times the document and the position.
   */
  record Numbered(int[] lengths, int notLearned) implements TokenDocuments {
    static Numbered random(int size, int most, long seed) {
      SplitMix64 random = new SplitMix64(seed);
      int[] lengths = new int[size];
      Arrays.setAll(lengths, i -> random.between(2, most));
      return new Numbered(lengths, 1);
    }

    @Override
    public int size() {
      return lengths.length;
    }

    @Override
    public int length(int document) {
      return lengths[document];
    }

    @Override
    public int[] read(int document, int from, int count) {
      int[] part = new int[count];
      for (int i = 0; i < count; i++) {
        int id = 1000 * document + from + i;
        part[i] = from + i < notLearned ? ~id : id;
      }
      return part;
    }
  }

  private static PackingOptions options(int length, Packing packing, TooLong tooLong) {
    return new PackingOptions(length, packing, tooLong);
  }

  @Property(tries = 60)
  void everyTokenIsPackedOnceAndSequencesStayApart(
      @ForAll @IntRange(min = 1, max = 300) int documents,
      @ForAll @IntRange(min = 20, max = 64) int rowLength,
      @ForAll Packing packing,
      @ForAll long seed) {
    Numbered source = Numbered.random(documents, 20, seed);
    PackedRows rows =
        new PackedRows(
            source,
            Order.shuffled(documents, seed),
            options(rowLength, packing, TooLong.DROP),
            3,
            seed);
    boolean[][] seen = new boolean[documents][20];
    int batches = rows.batches(0);
    for (int b = 0; b < batches; b++) {
      for (TokenBatch row : rows.nextRows()) {
        assertThat(row.tokens().length).isLessThanOrEqualTo(rowLength);
        for (int s = 0; s < row.sequences(); s++) {
          int document = row.tokens()[row.starts()[s]] / 1000;
          for (int i = row.starts()[s]; i < row.starts()[s + 1]; i++) {
            int id = row.tokens()[i];
            assertThat(id / 1000).isEqualTo(document);
            assertThat(row.positions()[i]).isEqualTo(i - row.starts()[s]);
            assertThat(seen[document][id % 1000]).isFalse();
            seen[document][id % 1000] = true;
            boolean last = i + 1 == row.starts()[s + 1];
            assertThat(row.targets()[i]).isEqualTo(last ? TokenBatch.IGNORED : id + 1);
          }
        }
      }
    }
    assertThat(rows.cursor()).isEqualTo(new Cursor(1, 0));
    for (int d = 0; d < documents; d++) {
      for (int i = 0; i < source.lengths[d]; i++) {
        assertThat(seen[d][i]).isTrue();
      }
    }
  }

  @Property(tries = 40)
  void rowsGoOnInTheMiddleAsIfNothingHadHappened(
      @ForAll @IntRange(min = 0, max = 60) int stop, @ForAll Packing packing) {
    Numbered source = Numbered.random(100, 50, 9);
    PackingOptions options = options(64, packing, TooLong.SPLIT);
    PackedRows whole = new PackedRows(source, Order.shuffled(100, 1), options, 2, 4);
    for (int i = 0; i < stop; i++) {
      whole.next();
    }
    PackedRows resumed = new PackedRows(source, Order.shuffled(100, 1), options, 2, 4);
    resumed.seek(whole.cursor());
    for (int i = 0; i < 30; i++) {
      assertThat(resumed.cursor()).isEqualTo(whole.cursor());
      TokenBatch expected = whole.next();
      TokenBatch batch = resumed.next();
      assertThat(batch.tokens()).isEqualTo(expected.tokens());
      assertThat(batch.targets()).isEqualTo(expected.targets());
      assertThat(batch.starts()).isEqualTo(expected.starts());
    }
  }

  @Test
  void rowsAreNearlyFull() {
    Numbered source = Numbered.random(5_000, 900, 3);
    PackedRows rows =
        new PackedRows(
            source, Order.shuffled(5_000, 3), options(1024, Packing.WHOLE, TooLong.DROP), 1, 3);
    long tokens = Arrays.stream(source.lengths).asLongStream().sum();
    assertThat((double) tokens / (1024L * rows.batches(0))).isGreaterThan(0.97);
    PackedRows stream =
        new PackedRows(
            source, Order.shuffled(5_000, 3), options(1024, Packing.STREAM, TooLong.DROP), 1, 3);
    assertThat(stream.batches(0)).isEqualTo((int) Math.ceilDiv(tokens, 1024));
  }

  @Test
  void longDocumentsAreCutOrLeftOutAsAskedAndCounted() {
    Numbered source = new Numbered(new int[] {10, 25, 1}, 15);
    assertThat(tokens(source, TooLong.KEEP_END))
        .containsExactly(1015, 1016, 1017, 1018, 1019, 1020, 1021, 1022, 1023, 1024);
    Numbered learned = new Numbered(new int[] {10, 25, 1}, 1);
    assertThat(tokens(learned, TooLong.KEEP_START)).hasSize(20).contains(1009).doesNotContain(1010);
    assertThat(tokens(learned, TooLong.SPLIT)).hasSize(35);
    assertThat(tokens(learned, TooLong.DROP)).hasSize(10);
    PackedRows rows = rows(learned, TooLong.KEEP_START);
    assertThat(rows.truncated()).isEqualTo(1);
    assertThat(rows.dropped()).isEqualTo(1);
  }

  private static PackedRows rows(TokenDocuments source, TooLong tooLong) {
    return new PackedRows(source, Order.sequential(3), options(10, Packing.WHOLE, tooLong), 1, 1);
  }

  private static List<Integer> tokens(TokenDocuments source, TooLong tooLong) {
    PackedRows rows = rows(source, tooLong);
    List<Integer> tokens = new ArrayList<>();
    for (int i = rows.batches(0); i > 0; i--) {
      TokenBatch batch = rows.next();
      for (int t = 0; t < batch.tokens().length; t++) {
        tokens.add(batch.tokens()[t]);
      }
    }
    return tokens.stream().filter(id -> id >= 1000 || source.read(0, 9, 1)[0] >= 0).toList();
  }

  @Test
  void targetsAreTheNextTokensThatAreLearned() {
    TokenBatch batch = TokenBatch.of(List.of(new int[] {~5, ~6, 7, 8}, new int[] {9, ~3, 4}));
    assertThat(batch.tokens()).containsExactly(5, 6, 7, 8, 9, 3, 4);
    assertThat(batch.targets()).containsExactly(-100, 7, 8, -100, -100, 4, -100);
    assertThat(batch.positions()).containsExactly(0, 1, 2, 3, 0, 1, 2);
    assertThat(batch.starts()).containsExactly(0, 4, 7);
    assertThat(batch.learned()).isEqualTo(3);
    assertThat(batch.longest()).isEqualTo(4);
    TokenBatch twice = TokenBatch.join(List.of(batch, batch));
    assertThat(twice.starts()).containsExactly(0, 4, 7, 11, 14);
    assertThat(twice.learned()).isEqualTo(6);
  }

  @Test
  void nothingToLearnIsSaid() {
    Numbered source = new Numbered(new int[] {25, 30}, 1);
    assertThatThrownBy(
            () ->
                new PackedRows(
                    source, Order.sequential(2), options(10, Packing.WHOLE, TooLong.DROP), 1, 1))
        .hasMessage(
            "none of 2 documents can be trained on: in rows of 10 tokens, nothing to learn is"
                + " left");
    PackedRows rows = rows(new Numbered(new int[] {5, 5, 5}, 1), TooLong.DROP);
    assertThatThrownBy(() -> rows.seek(new Cursor(1, 3)))
        .hasMessageContaining("epoch 1 has 2 rows, so none at 3");
  }
}
