package io.otium.serve;

import io.otium.lm.engine.SequenceHook;

/** Policies as the engine's hook. */
final class PolicyHook {
  private PolicyHook() {}

  static SequenceHook of(PrefillPolicy prefill, KvPolicy kv) {
    if (prefill == PrefillPolicy.FULL && kv == KvPolicy.FULL) {
      return SequenceHook.NONE;
    }
    throw new IllegalArgumentException("this engine runs the full policies alone");
  }
}
