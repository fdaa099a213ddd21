package io.otium.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otium.core.checkpoint.CheckpointEvent.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardsTest {
  @TempDir Path folder;

  private final Events events = new Events();

  private static Map<String, Object> state(int rank, int version) {
    return Map.of("w", States.random(10L * rank + version, 500), "rank", rank);
  }

  private List<LazyCheckpointer> open(int ranks) {
    return LazyCheckpointer.shards(folder, CheckpointOptions.every(1), ranks, events);
  }

  @Test
  void aVersionCountsWhenAllRanksHaveWrittenIt() throws Exception {
    List<LazyCheckpointer> ranks = open(3);
    CheckpointFolder files = new CheckpointFolder(folder);
    ranks.get(0).save(5, state(0, 5));
    ranks.get(2).save(5, state(2, 5));
    while (!Files.exists(files.done(5, 0)) || !Files.exists(files.done(5, 2))) {
      Thread.onSpinWait();
    }
    assertThat(new Checkpoints(folder).list()).isEmpty();
    ranks.get(1).save(5, state(1, 5));
    ranks.forEach(rank -> rank.awaitDurable(5));
    assertThat(events.kinds(5)).filteredOn(Kind.DURABLE::equals).hasSize(1);
    ranks.forEach(LazyCheckpointer::close);
    assertThat(files.done(5, 0)).doesNotExist();
    try (LoadedCheckpoint loaded = new Checkpoints(folder).load(5)) {
      assertThat(loaded.ranks()).isEqualTo(3);
      for (int rank = 0; rank < 3; rank++) {
        assertThat(States.plain(loaded.state(rank))).isEqualTo(States.plain(state(rank, 5)));
      }
    }
  }

  @Test
  void aVersionThatOneRankCouldNotWriteLeavesNothing() {
    Disk disk =
        file -> {
          if (file.getFileName().toString().startsWith("v00000002-shard1")) {
            throw new IOException("Input/output error");
          }
          return new FileDisk().create(file);
        };
    List<LazyCheckpointer> ranks =
        LazyCheckpointer.shards(folder, CheckpointOptions.every(1), 2, events, disk);
    for (int version = 1; version <= 2; version++) {
      ranks.get(0).save(version, state(0, version));
      ranks.get(1).save(version, state(1, version));
    }
    assertThatThrownBy(() -> ranks.get(0).awaitDurable(2))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("checkpoint 2 was not written: Input/output error");
    assertThatThrownBy(() -> ranks.forEach(LazyCheckpointer::close))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("writing checkpoints failed: Input/output error");
    ranks.forEach(LazyCheckpointer::close);
    assertThat(new CheckpointFolder(folder).state(2, 0)).doesNotExist();
    assertThat(new Checkpoints(folder).list())
        .extracting(CheckpointInfo::version)
        .containsExactly(1L);
  }

  @Test
  void aVersionThatOneRankNeverSavedIsSaidAtTheEnd() {
    List<LazyCheckpointer> ranks = open(2);
    ranks.get(0).save(1, state(0, 1));
    ranks.get(0).close();
    assertThatThrownBy(ranks.get(1)::close)
        .isInstanceOf(CheckpointException.class)
        .hasMessage("checkpoint 1 was saved by 1 of 2 ranks");
    assertThat(new Checkpoints(folder).list()).isEmpty();
  }
}
