package io.otium.lm.engine;

import io.otium.lm.engine.kernel.KvPages;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One sequence's keys and values: for each layer a table of pages and how many slots are filled.
 * Slots are in the order of their tokens; a method that drops some closes the gaps, so that a
 * layer's slots are always {@code 0 .. slots - 1}.
 */
final class SequenceCache {
  private final PagePool pool;
  private final int[][] pages;
  private final int[] slots;

  /**
   * For each layer and slot the token's index in the sequence; null while that is the slot itself.
   */
  private final int @Nullable [][] positions;

  SequenceCache(PagePool pool, int layers) {
    this(pool, layers, false);
  }

  /**
   * @param keepsPositions whether slots may come to hold other tokens than those of the same index
   */
  SequenceCache(PagePool pool, int layers, boolean keepsPositions) {
    this.pool = pool;
    this.positions = keepsPositions ? new int[layers][64] : null;
    this.pages = new int[layers][4];
    this.slots = new int[layers];
  }

  int layers() {
    return slots.length;
  }

  int slots(int layer) {
    return slots[layer];
  }

  /** Page of a layer's slot. */
  int page(int layer, int slot) {
    return pages[layer][slot / KvPages.SLOTS];
  }

  int[] pageTable(int layer) {
    return pages[layer];
  }

  boolean keepsPositions() {
    return positions != null;
  }

  /** Notes which token a slot holds. */
  void place(int layer, int slot, int position) {
    if (positions == null) return;
    if (slot >= positions[layer].length)
      positions[layer] = Arrays.copyOf(positions[layer], 2 * slot);
    positions[layer][slot] = position;
  }

  /** Index in the sequence of the token in a slot. */
  int position(int layer, int slot) {
    return positions == null ? slot : positions[layer][slot];
  }

  private static int pagesFor(int slots) {
    return (slots + KvPages.SLOTS - 1) / KvPages.SLOTS;
  }

  /** Pages that {@code more} further slots in every layer would take. */
  int pagesToGrow(int more) {
    int sum = 0;
    for (int filled : slots) sum += pagesFor(filled + more) - pagesFor(filled);
    return sum;
  }

  /** Makes room for {@code more} slots in a layer, and counts them as filled. */
  void grow(int layer, int more) {
    int have = pagesFor(slots[layer]);
    int need = pagesFor(slots[layer] + more);
    if (need > pages[layer].length)
      pages[layer] = Arrays.copyOf(pages[layer], Math.max(need, 2 * pages[layer].length));
    for (int i = have; i < need; i++) pages[layer][i] = pool.take();
    slots[layer] += more;
  }

  /** Forgets the last slots of every layer: {@code slots} remain. */
  void truncate(int remaining) {
    for (int layer = 0; layer < slots.length; layer++) truncate(layer, remaining);
  }

  void truncate(int layer, int remaining) {
    for (int i = pagesFor(remaining); i < pagesFor(slots[layer]); i++)
      pool.release(pages[layer][i]);
    slots[layer] = remaining;
  }

  /**
   * Begins with whole pages that another sequence filled.
   *
   * @param shared for each layer the page ids, which this cache now holds a share of
   */
  void adopt(int[][] shared) {
    for (int layer = 0; layer < slots.length; layer++) {
      pages[layer] = Arrays.copyOf(shared[layer], Math.max(4, shared[layer].length));
      slots[layer] = shared[layer].length * KvPages.SLOTS;
      for (int page : shared[layer]) pool.share(page);
    }
  }

  /** Begins with the slots of another, whose whole pages it shares; the last one it copies. */
  void beginAs(SequenceCache other) {
    for (int layer = 0; layer < slots.length; layer++) {
      slots[layer] = other.slots[layer];
      pages[layer] = other.pages[layer].clone();
      int used = pagesFor(slots[layer]);
      for (int i = 0; i < used; i++) pool.share(pages[layer][i]);
      if (slots[layer] % KvPages.SLOTS != 0) {
        pages[layer][used - 1] = pool.copyOfShared(pages[layer][used - 1]);
      }
    }
  }

  /**
   * Keeps the given slots (ascending) of a layer, closes the gaps, and gives back the pages freed.
   */
  void keep(int layer, int[] kept) {
    int[] table = pages[layer];
    KvPages memory = pool.memory();
    for (int to = 0; to < kept.length; to++) {
      int from = kept[to];
      if (from == to) continue;
      if (positions != null) positions[layer][to] = positions[layer][from];
      int page = table[to / KvPages.SLOTS];
      if (pool.isShared(page)) table[to / KvPages.SLOTS] = page = pool.copyOfShared(page);
      memory.copySlot(table[from / KvPages.SLOTS], from % KvPages.SLOTS, page, to % KvPages.SLOTS);
    }
    truncate(layer, kept.length);
  }

  /** Gives every page back. */
  void release() {
    truncate(0);
  }

  /** Mean over the layers. */
  int meanSlots() {
    return (int) Math.round(Arrays.stream(slots).average().orElse(0));
  }

  long bytes() {
    return Arrays.stream(slots).mapToLong(s -> pagesFor(s) * pool.memory().pageBytes()).sum();
  }
}
