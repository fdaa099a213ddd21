package io.otium.serve;

import io.otium.core.options.Doc;

/**
 * Which keys and values are worth keeping: sees each step's attention and token, says which cache
 * slots to keep. One object serves one sequence and may keep state in plain fields.
 */
public interface KvPolicy {
  /** Keeps every slot. */
  KvPolicy FULL = new KvPolicy() {};

  /** The full cache has nothing to choose. */
  @Doc("keeps every key and value")
  record FullOptions() {}
}
