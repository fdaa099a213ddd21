package io.otium.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class StagingRingProperties {
  /** The ring as a row of bytes, each taken or not; places are found by looking at every byte. */
  private static final class NaiveRing {
    private record Region(int start, int size) {}

    private final boolean[] taken;
    private final ArrayDeque<Region> live = new ArrayDeque<>();

    NaiveRing(int capacity) {
      taken = new boolean[capacity];
    }

    int allocate(int size) {
      Region newest = live.peekLast();
      int head = newest == null ? 0 : newest.start + newest.size;
      int start = isFree(head, size) ? head : isFree(0, size) ? 0 : -1;
      if (start >= 0) {
        live.addLast(new Region(start, size));
        mark(start, size, true);
      }
      return start;
    }

    int free() {
      Region oldest = live.removeFirst();
      mark(oldest.start, oldest.size, false);
      return oldest.start;
    }

    private boolean isFree(int start, int size) {
      for (int i = start; i < start + size; i++) {
        if (i >= taken.length || taken[i]) {
          return false;
        }
      }
      return true;
    }

    private void mark(int start, int size, boolean value) {
      for (int i = start; i < start + size; i++) {
        assertThat(taken[i]).as("byte %d", i).isNotEqualTo(value);
        taken[i] = value;
      }
    }
  }

  /** Positive: allocate so many bytes. Otherwise: free the oldest. */
  @Property(tries = 2000)
  void doesWhatTheNaiveRingDoes(
      @ForAll @Size(max = 200) List<@IntRange(min = -30, max = 50) Integer> calls) {
    StagingRing ring = new StagingRing(50);
    NaiveRing naive = new NaiveRing(50);
    for (int call : calls) {
      if (call > 0) {
        assertThat(ring.tryAllocate(call)).isEqualTo(naive.allocate(call));
      } else if (!naive.live.isEmpty()) {
        ring.free(naive.free());
      }
      int live = naive.live.stream().mapToInt(NaiveRing.Region::size).sum();
      assertThat(ring.used()).isBetween((long) live, 50L);
      assertThat(ring.used() == 0).isEqualTo(naive.live.isEmpty());
    }
  }

  @Property
  void fitsAnythingOnceAllIsFree(
      @ForAll @Size(max = 50) List<@IntRange(min = 1, max = 50) Integer> sizes,
      @ForAll @IntRange(min = 1, max = 50) int last) {
    StagingRing ring = new StagingRing(50);
    ArrayDeque<Long> live = new ArrayDeque<>();
    for (int size : sizes) {
      long start = ring.tryAllocate(size);
      if (start >= 0) {
        live.addLast(start);
      }
    }
    live.forEach(ring::free);
    assertThat(ring.tryAllocate(last)).isEqualTo(0);
  }
}
