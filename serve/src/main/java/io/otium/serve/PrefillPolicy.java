package io.otium.serve;

import io.otium.core.options.Doc;

/**
 * Which prompt tokens are worth computing: sees a layer's attention, says which of the prompt's
 * tokens go on to the next. One object serves one sequence and may keep state in plain fields.
 */
public interface PrefillPolicy {
  /** Computes every token in every layer. */
  PrefillPolicy FULL = new PrefillPolicy() {};

  /** Full prefill has nothing to choose. */
  @Doc("computes every prompt token in every layer")
  record FullOptions() {}
}
