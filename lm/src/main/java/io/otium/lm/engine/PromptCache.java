package io.otium.lm.engine;

import io.otium.lm.engine.kernel.KvPages;
import io.otium.lm.model.ModelConfig;
import io.otium.lm.model.SoftPrompt;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values that every sequence of an engine begins with: those of the model's soft prompt,
 * made once. Sequences share the whole pages of it.
 */
final class PromptCache {
  private final ModelConfig config;
  private final PagePool pool;
  private final @Nullable SequenceCache filled;
  private final int length;

  /**
   * Fills the pages.
   *
   * @param prompt null for none
   */
  PromptCache(
      ModelConfig config, @Nullable SoftPrompt prompt, Transformer transformer, PagePool pool) {
    this.config = config;
    this.pool = pool;
    this.length = prompt == null ? 0 : prompt.length();
    this.filled = prompt == null ? null : new SequenceCache(pool, config.layers());
    if (prompt == null || filled == null) return;
    switch (prompt) {
      case SoftPrompt.Embeddings(int n, float[] rows) -> {
        var part = new Batch.Part(filled, SequenceHook.NONE, new int[n], 0, new boolean[n]);
        transformer.run(new Batch(part, rows));
      }
      case SoftPrompt.Prefix(int n, float[] rows) -> write(filled, n, rows);
    }
  }

  private void write(SequenceCache cache, int n, float[] rows) {
    int width = config.kvWidth();
    int dim = config.headDim();
    KvPages memory = pool.memory();
    for (int layer = 0; layer < config.layers(); layer++) {
      cache.grow(layer, n);
      for (int slot = 0; slot < n; slot++) {
        int keys = (slot * config.layers() + layer) * 2 * width;
        for (int head = 0; head < config.kvHeads(); head++) {
          int key = keys + head * dim;
          memory.write(
              cache.page(layer, slot), slot % KvPages.SLOTS, head, rows, key, rows, key + width);
        }
      }
    }
  }

  /** Pages in each layer that a prompt of this length and the copy of its last one take. */
  static int pages(@Nullable SoftPrompt prompt) {
    return prompt == null ? 0 : Math.ceilDiv(prompt.length(), KvPages.SLOTS) + 1;
  }

  /** Slots that are filled; the position of a sequence's first token. */
  int length() {
    return length;
  }

  /** A sequence's cache as it begins. */
  SequenceCache begin(boolean keepsPositions) {
    var cache = new SequenceCache(pool, config.layers(), keepsPositions);
    if (filled != null) cache.beginAs(filled);
    return cache;
  }
}
