package io.otium.lm.engine;

import io.otium.lm.engine.SequenceHook.AttentionRow;
import io.otium.lm.engine.SequenceHook.CacheView;
import io.otium.lm.engine.SequenceHook.Step;
import io.otium.lm.engine.kernel.Elementwise;
import io.otium.lm.engine.kernel.KvPages;
import io.otium.lm.engine.kernel.Team;
import io.otium.lm.model.ModelConfig;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Calls the hooks of a batch's sequences with what they asked to see. */
final class HookCalls {
  private final KvPages pages;
  private final Team team;
  private final ModelConfig c;

  HookCalls(KvPages pages, Team team, ModelConfig config) {
    this.pages = pages;
    this.team = team;
    this.c = config;
  }

  /**
   * Shows how each watched sequence's last row attends; sequences are divided among the workers.
   */
  void attention(int worker, int layer, Batch b, float[] q, int qStride) {
    for (int p = worker; p < b.parts.size(); p += team.size()) {
      SequenceHook hook = b.parts.get(p).hook();
      if (hook == SequenceHook.NONE || b.end[p] == b.first[p] || !hook.watches(layer)) continue;
      hook.onAttention(layer, b.step(p), weights(layer, b, p, q, qStride));
    }
  }

  private AttentionRow weights(int layer, Batch b, int p, float[] q, int qStride) {
    int row = b.end[p] - 1;
    int slots = b.visible[row];
    int padded = KvPages.paddedDim(c.headDim());
    int width = (slots + KvPages.SLOTS - 1) / KvPages.SLOTS * KvPages.SLOTS;
    int group = c.queryHeads() / c.kvHeads();
    float[] queries = new float[c.queryHeads() * padded];
    for (int h = 0; h < c.queryHeads(); h++) {
      System.arraycopy(q, row * qStride + h * c.headDim(), queries, h * padded, c.headDim());
    }
    float[] scores = new float[c.queryHeads() * width];
    float[] keys = new float[pages.scratchFloats()];
    int[] table = b.parts.get(p).cache().pageTable(layer);
    for (int head = 0; head < c.kvHeads(); head++) {
      for (int slot = 0; slot < slots; slot += KvPages.SLOTS) {
        pages.unpackKeys(table[slot / KvPages.SLOTS], head, keys);
        int from = head * group;
        pages.scores(
            queries, from * padded, padded, group, keys, scores, from * width + slot, width);
      }
    }
    float scale = (float) (1 / Math.sqrt(c.headDim()));
    for (int h = 0; h < c.queryHeads(); h++) {
      float max = Elementwise.max(scores, h * width, slots);
      float sum = Elementwise.expOfDifference(scores, h * width, slots, max, scale);
      Elementwise.scale(scores, h * width, slots, 1 / sum);
    }
    return new Row(c.queryHeads(), c.kvHeads(), slots, width, scores);
  }

  private record Row(int queryHeads, int kvHeads, int slots, int width, float[] weights)
      implements AttentionRow {
    @Override
    public float weight(int queryHead, int slot) {
      return weights[queryHead * width + slot];
    }
  }

  void hidden(int layer, Batch b, float[] x, int xStride) {
    for (int p = 0; p < b.parts.size(); p++) {
      SequenceHook hook = b.parts.get(p).hook();
      if (hook != SequenceHook.NONE && b.end[p] > b.first[p] && hook.reads(layer)) {
        hook.onHidden(layer, b.step(p), x, b.first[p] * xStride, xStride);
      }
    }
  }

  /** Which rows go on after a layer, or null for all. */
  boolean @Nullable [] kept(int layer, Batch b) {
    boolean[] kept = null;
    for (int p = 0; p < b.parts.size(); p++) {
      SequenceHook hook = b.parts.get(p).hook();
      int rows = b.end[p] - b.first[p];
      if (hook == SequenceHook.NONE || rows == 0 || !hook.prunes(layer)) continue;
      boolean[] own = new boolean[rows];
      Arrays.fill(own, true);
      Step step = b.step(p);
      hook.keepRows(layer, step, own);
      if (step.sampled() && !own[rows - 1]) {
        throw new IllegalStateException(
            "the method dropped the row from which the next token is drawn");
      }
      if (kept == null) {
        kept = new boolean[b.rows];
        Arrays.fill(kept, true);
      }
      System.arraycopy(own, 0, kept, b.first[p], rows);
    }
    return kept;
  }

  /** A sequence's cache as its hook sees it. */
  record View(SequenceCache cache) implements CacheView {
    @Override
    public int layers() {
      return cache.layers();
    }

    @Override
    public int slots(int layer) {
      return cache.slots(layer);
    }

    @Override
    public int position(int layer, int slot) {
      return cache.position(layer, slot);
    }

    @Override
    public void keep(int layer, int[] slots) {
      for (int i = 0; i < slots.length; i++) {
        if (slots[i] < 0 || slots[i] >= cache.slots(layer) || (i > 0 && slots[i] <= slots[i - 1])) {
          throw new IllegalArgumentException(
              "slots to keep must ascend within 0.."
                  + (cache.slots(layer) - 1)
                  + ", found "
                  + slots[i]
                  + " at place "
                  + i);
        }
      }
      cache.keep(layer, slots);
    }
  }
}
