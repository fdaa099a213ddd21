package io.otium.lm.adapter;

import io.otium.lm.adapter.AdapterFiles.Update;
import io.otium.lm.model.Architecture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * GPT-2's products as transformers has them, of which one makes queries, keys and values. Updates
 * of its parts stand in one adapter below each other and along the diagonal, as in {@code [B_q 0 0;
 * 0 B_k 0; 0 0 B_v] · [A_q; A_k; A_v]}.
 */
final class FusedProducts {
  private static final Pattern MODULE =
      Pattern.compile(
          "(?:transformer\\.)?h\\.(\\d+)\\.(attn\\.c_attn|attn\\.c_proj|mlp\\.c_fc|mlp\\.c_proj)");

  private static final Map<String, List<String>> PARTS = new LinkedHashMap<>();

  static {
    PARTS.put("attn.c_attn", List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"));
    PARTS.put("attn.c_proj", List.of("self_attn.o_proj"));
    PARTS.put("mlp.c_fc", List.of("mlp.up_proj"));
    PARTS.put("mlp.c_proj", List.of("mlp.down_proj"));
  }

  private FusedProducts() {}

  /** Whether a family's products have other names in transformers than in Otium. */
  static boolean are(Architecture architecture) {
    return architecture == Architecture.GPT2;
  }

  /**
   * The updates of transformers' modules.
   *
   * @param updates by the product's name
   * @param layers of the model
   * @return by the module's name, e.g. {@code transformer.h.3.attn.c_attn}
   */
  static Map<String, Update> fuse(Map<String, Update> updates, int layers) {
    Map<String, Update> fused = new LinkedHashMap<>();
    for (int l = 0; l < layers; l++) {
      for (var module : PARTS.entrySet()) {
        List<@Nullable Update> parts = new ArrayList<>();
        for (String part : module.getValue()) {
          parts.add(updates.get("model.layers." + l + "." + part));
        }
        Update whole = fuse(parts);
        if (whole != null) fused.put("transformer.h." + l + "." + module.getKey(), whole);
      }
    }
    return fused;
  }

  private static @Nullable Update fuse(List<@Nullable Update> parts) {
    List<Update> there = new ArrayList<>();
    for (Update part : parts) if (part != null) there.add(part);
    if (there.isEmpty()) return null;
    Update first = there.getFirst();
    if (parts.size() == 1) return first;
    int rank = there.stream().mapToInt(Update::rank).sum();
    int outputs = first.b().length / first.rank();
    float[] a = new float[rank * first.inputs()];
    float[] b = new float[parts.size() * outputs * rank];
    float[] magnitude = first.magnitude() == null ? null : new float[parts.size() * outputs];
    int at = 0;
    for (int p = 0; p < parts.size(); p++) {
      Update part = parts.get(p);
      if (part == null) continue;
      System.arraycopy(part.a(), 0, a, at * part.inputs(), part.a().length);
      for (int row = 0; row < outputs; row++) {
        int to = (p * outputs + row) * rank + at;
        System.arraycopy(part.b(), row * part.rank(), b, to, part.rank());
      }
      float[] own = part.magnitude();
      if (magnitude != null && own != null) {
        System.arraycopy(own, 0, magnitude, p * outputs, outputs);
      }
      at += part.rank();
    }
    return new Update(a, b, magnitude, rank, first.inputs(), first.scale());
  }

  /**
   * The updates of the products that a module is made of.
   *
   * @return by the product's name; the module alone if it is none of GPT-2's
   */
  static Map<String, Update> split(String module, Update update) {
    Matcher gpt2 = MODULE.matcher(module);
    if (!gpt2.matches()) return Map.of(module, update);
    List<String> parts = PARTS.getOrDefault(gpt2.group(2), List.of());
    int length = update.b().length / parts.size();
    Map<String, Update> split = new LinkedHashMap<>();
    for (int p = 0; p < parts.size(); p++) {
      float[] b = Arrays.copyOfRange(update.b(), p * length, (p + 1) * length);
      float[] all = update.magnitude();
      int outputs = length / update.rank();
      float[] magnitude =
          all == null ? null : Arrays.copyOfRange(all, p * outputs, (p + 1) * outputs);
      split.put(
          "model.layers." + gpt2.group(1) + "." + parts.get(p),
          new Update(update.a(), b, magnitude, update.rank(), update.inputs(), update.scale()));
    }
    return split;
  }
}
