package io.otium.lm.engine;

import io.otium.lm.engine.kernel.KvPages;

/**
 * Which pages are free, and how many holders each of the others has. Used from the engine's thread
 * alone.
 */
final class PagePool {
  private final KvPages memory;
  private final int[] free;
  private final int[] holders;
  private int freeCount;

  PagePool(KvPages memory) {
    this.memory = memory;
    this.free = new int[memory.count()];
    this.holders = new int[memory.count()];
    this.freeCount = free.length;
    // the lowest page is taken first, so that memory never needed is never touched
    for (int i = 0; i < free.length; i++) free[i] = free.length - 1 - i;
  }

  KvPages memory() {
    return memory;
  }

  int freePages() {
    return freeCount;
  }

  int take() {
    if (freeCount == 0)
      throw new IllegalStateException("no free cache page; admission must not let this happen");
    int page = free[--freeCount];
    holders[page] = 1;
    memory.clear(page);
    return page;
  }

  void share(int page) {
    holders[page]++;
  }

  boolean isShared(int page) {
    return holders[page] > 1;
  }

  /** A page of one's own with the same content; the share of the other is given back. */
  int copyOfShared(int page) {
    int copy = take();
    memory.copyPage(page, copy);
    release(page);
    return copy;
  }

  void release(int page) {
    if (--holders[page] == 0) free[freeCount++] = page;
  }
}
