package io.otium.core.checkpoint;

import java.util.ArrayDeque;

/**
 * Offsets in a ring of {@code capacity} bytes: the host buffer between memory and disk. Regions are
 * never split; they are freed in the order in which they were allocated. An end of the ring that is
 * too small for a region is skipped, and counts as used until what lies before it is freed.
 */
final class StagingRing {
  /** A region as allocated; {@code skipped} bytes at the ring's end lie unused before it. */
  private record Region(long start, long size, long skipped) {}

  private final long capacity;

  private final ArrayDeque<Region> regions = new ArrayDeque<>();

  /** Where the next region begins, if it fits there. */
  private long head;

  /** Where the oldest region begins. */
  private long tail;

  private long used;

  private long highWater;

  StagingRing(long capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("a ring has at least 1 byte, not " + capacity);
    }
    this.capacity = capacity;
  }

  long capacity() {
    return capacity;
  }

  /**
   * Waits until there is room.
   *
   * @param size in bytes, at least 1
   * @return where the region starts
   * @throws IllegalArgumentException at once for what can never fit
   */
  synchronized long allocate(long size) throws InterruptedException {
    long start;
    while ((start = tryAllocate(size)) < 0) {
      wait();
    }
    return start;
  }

  /** As {@link #allocate}, but −1 where that would wait. */
  synchronized long tryAllocate(long size) {
    if (size < 1 || size > capacity) {
      throw new IllegalArgumentException(
          "a region of the ring has 1 to " + capacity + " bytes, not " + size);
    }
    // head = tail with used > 0 is a full ring; a used part that wraps ends where the tail begins.
    boolean wraps = used > 0 && head <= tail;
    long end = wraps ? tail : capacity;
    if (end - head >= size) {
      return add(new Region(head, size, 0));
    }
    if (!wraps && tail >= size) {
      return add(new Region(0, size, capacity - head));
    }
    return -1;
  }

  private long add(Region region) {
    regions.addLast(region);
    used += region.skipped + region.size;
    highWater = Math.max(highWater, used);
    head = region.start + region.size;
    return region.start;
  }

  /**
   * Frees the oldest region.
   *
   * @param start what {@link #allocate} returned for it
   * @throws IllegalStateException if another one is the oldest
   */
  synchronized void free(long start) {
    Region oldest = regions.peekFirst();
    if (oldest == null || oldest.start != start) {
      throw new IllegalStateException(
          "regions are freed in the order of their allocation: next is "
              + (oldest == null ? "none" : oldest.start)
              + ", not "
              + start);
    }
    regions.removeFirst();
    used -= oldest.size;
    Region next = regions.peekFirst();
    if (next == null) {
      // Else a large region could wait for ever on an empty ring.
      head = 0;
      tail = 0;
      used = 0;
    } else {
      used -= next.skipped;
      regions.removeFirst();
      regions.addFirst(new Region(next.start, next.size, 0));
      tail = next.start;
    }
    notifyAll();
  }

  /** Bytes in regions and skipped ends. */
  synchronized long used() {
    return used;
  }

  /** The most that was ever used. */
  synchronized long highWater() {
    return highWater;
  }
}
