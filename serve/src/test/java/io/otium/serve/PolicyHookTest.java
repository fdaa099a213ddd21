package io.otium.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.otium.lm.engine.SequenceHook;
import io.otium.lm.engine.SequenceHook.AttentionRow;
import io.otium.lm.engine.SequenceHook.CacheView;
import io.otium.lm.engine.SequenceHook.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyHookTest {
  private static final Step PROMPT = step(true, true);

  private static Step step(boolean prompt, boolean sampled) {
    return new Step(0, new int[] {7, 8, 9}, new int[] {0, 1, 2}, prompt, sampled);
  }

  private record Row(float... weights) implements AttentionRow {
    @Override
    public int queryHeads() {
      return 1;
    }

    @Override
    public int kvHeads() {
      return 1;
    }

    @Override
    public int slots() {
      return weights.length;
    }

    @Override
    public float weight(int queryHead, int slot) {
      return weights[slot];
    }
  }

  /** Keeps what is attended with at least a quarter, after layer 1. */
  private static final class Quarter implements PrefillPolicy {
    @Override
    public boolean prunes(int layer) {
      return layer == 1;
    }

    @Override
    public void keep(int layer, Step step, AttentionRow row, boolean[] kept) {
      for (int i = 0; i < kept.length; i++) {
        kept[i] = row.weight(0, step.positions()[i]) >= 0.25f;
      }
    }
  }

  private static boolean[] kept(SequenceHook hook, Step step, AttentionRow row) {
    boolean[] rows = new boolean[3];
    Arrays.fill(rows, true);
    hook.onAttention(1, step, row);
    hook.keepRows(1, step, rows);
    return rows;
  }

  @Test
  void aPrefillPolicyDropsWhatItClears() {
    SequenceHook hook = PolicyHook.of(new Quarter(), KvPolicy.FULL);
    assertThat(hook.watches(0)).isFalse();
    assertThat(hook.watches(1)).isTrue();
    assertThat(hook.prunes(1)).isTrue();
    assertThat(kept(hook, PROMPT, new Row(0.5f, 0.1f, 0.4f))).containsExactly(true, false, true);
  }

  @Test
  void thePromptsLastTokenStaysWhateverThePolicySays() {
    SequenceHook hook = PolicyHook.of(new Quarter(), KvPolicy.FULL);
    assertThat(kept(hook, PROMPT, new Row(0.5f, 0.5f, 0))).containsExactly(true, true, true);
  }

  @Test
  void earlierChunksAndDecodingStepsAreComputedWhole() {
    SequenceHook hook = PolicyHook.of(new Quarter(), KvPolicy.FULL);
    assertThat(kept(hook, step(true, false), new Row(1, 0, 0))).containsExactly(true, true, true);
    assertThat(kept(hook, step(false, true), new Row(1, 0, 0))).containsExactly(true, true, true);
  }

  @Test
  void aKvPolicySeesTheLayersItWatchesAndThenTheCache() {
    List<String> calls = new ArrayList<>();
    KvPolicy policy =
        new KvPolicy() {
          @Override
          public boolean watches(int layer) {
            return layer == 2;
          }

          @Override
          public void onAttention(int layer, Step step, AttentionRow row) {
            calls.add("layer " + layer + " weight " + row.weight(0, 0));
          }

          @Override
          public void afterStep(Step step, CacheView cache) {
            calls.add("slots " + cache.slots(0));
          }
        };
    SequenceHook hook = PolicyHook.of(PrefillPolicy.FULL, policy);
    assertThat(hook.evicts()).isTrue();
    assertThat(hook.prunes(2)).isFalse();
    assertThat(hook.watches(1)).isFalse();
    hook.onAttention(2, PROMPT, new Row(0.5f, 0.25f, 0.25f));
    hook.afterStep(PROMPT, new FixedCache(3));
    assertThat(calls).containsExactly("layer 2 weight 0.5", "slots 3");
  }

  private record FixedCache(int length) implements CacheView {
    @Override
    public int layers() {
      return 1;
    }

    @Override
    public int slots(int layer) {
      return length;
    }

    @Override
    public int position(int layer, int slot) {
      return slot;
    }

    @Override
    public void keep(int layer, int[] slots) {}
  }
}
