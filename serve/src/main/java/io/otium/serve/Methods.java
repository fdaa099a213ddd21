package io.otium.serve;

import java.util.List;

/**
 * The methods of lazy inference, one line each. Help texts, the console's forms, the catalogue and
 * the reference page are made from these lists; adding a method is one new file and one new line.
 */
public final class Methods {
  private static final Registry<PrefillPolicy> PREFILL =
      new Registry<>(
          "prefill",
          "which prompt tokens each layer computes",
          List.of(
              Method.of(
                  "full",
                  PrefillPolicy.FullOptions.class,
                  new PrefillPolicy.FullOptions(),
                  (options, model) -> PrefillPolicy.FULL)));

  private static final Registry<KvPolicy> KV =
      new Registry<>(
          "kv",
          "which keys and values stay in the cache",
          List.of(
              Method.of(
                  "full",
                  KvPolicy.FullOptions.class,
                  new KvPolicy.FullOptions(),
                  (options, model) -> KvPolicy.FULL)));

  private Methods() {}

  public static Registry<PrefillPolicy> prefill() {
    return PREFILL;
  }

  public static Registry<KvPolicy> kv() {
    return KV;
  }
}
