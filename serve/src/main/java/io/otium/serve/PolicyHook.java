package io.otium.serve;

import io.otium.lm.engine.SequenceHook;
import java.util.Arrays;

/** Both policies of a sequence as the engine's hook. */
final class PolicyHook implements SequenceHook {
  private final PrefillPolicy prefill;
  private final KvPolicy kv;

  /** What the prefill policy said at the layer's attention, for {@link #keepRows} to hand on. */
  private boolean[] kept = new boolean[0];

  private PolicyHook(PrefillPolicy prefill, KvPolicy kv) {
    this.prefill = prefill;
    this.kv = kv;
  }

  /** {@link SequenceHook#NONE} for full policies, so that plain inference pays nothing. */
  static SequenceHook of(PrefillPolicy prefill, KvPolicy kv) {
    boolean full = prefill == PrefillPolicy.FULL && kv == KvPolicy.FULL;
    return full ? SequenceHook.NONE : new PolicyHook(prefill, kv);
  }

  @Override
  public boolean watches(int layer) {
    return kv.watches(layer) || prefill.prunes(layer);
  }

  @Override
  public void onAttention(int layer, Step step, AttentionRow row) {
    if (kv.watches(layer)) {
      kv.onAttention(layer, step, row);
    }
    int rows = step.positions().length;
    kept = new boolean[rows];
    Arrays.fill(kept, true);
    if (prefill.prunes(layer) && step.prompt() && step.sampled()) {
      prefill.keep(layer, step, row, kept);
      // The next token is drawn from the last row.
      kept[rows - 1] = true;
    }
  }

  @Override
  public boolean prunes(int layer) {
    return prefill.prunes(layer);
  }

  @Override
  public void keepRows(int layer, Step step, boolean[] rows) {
    System.arraycopy(kept, 0, rows, 0, rows.length);
  }

  @Override
  public boolean evicts() {
    // Pruned prompts leave holes in the cache, which no other sequence may take over either.
    return true;
  }

  @Override
  public void afterStep(Step step, CacheView cache) {
    kv.afterStep(step, cache);
  }
}
