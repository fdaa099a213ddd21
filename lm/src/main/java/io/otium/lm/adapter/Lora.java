package io.otium.lm.adapter;

import io.otium.core.nn.LowRank;
import io.otium.core.tensor.NoGrad;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;
import io.otium.lm.model.AutogradModel;
import io.otium.lm.model.ModelConfig;
import io.otium.lm.model.Projection;
import io.otium.lm.model.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Low-rank updates of a model's products, LoRA's or DoRA's (see {@link LowRank}). The model's own
 * weights stay as they are and need no gradients.
 */
public final class Lora implements Tuning {
  /** What peft puts before a product's name. */
  static final String PREFIX = "base_model.model.";

  static final String A = ".lora_A.weight";
  static final String B = ".lora_B.weight";
  static final String MAGNITUDE = ".lora_magnitude_vector";

  private final ModelConfig config;
  private final LoraOptions options;
  private final Map<Projection, LowRank> adapted = new LinkedHashMap<>();

  /** Weights as they were before {@link #merge}. */
  private final Map<Projection, Tensor> original = new LinkedHashMap<>();

  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private boolean training = true;

  private Lora(AutogradModel model, LoraOptions options, Randomness randomness) {
    this.config = model.config();
    this.options = options;
    for (Projection product : model.projections()) {
      if (!options.adapts(product.name())) continue;
      LowRank update =
          LowRank.beginning(
              product.weight(),
              options.rank(),
              options.scale(),
              options.dropout(),
              options.dora(),
              randomness);
      adapted.put(product, update);
      String name = PREFIX + product.name();
      parameters.put(name + A, update.a().requiresGrad(true));
      parameters.put(name + B, update.b().requiresGrad(true));
      Tensor magnitude = update.magnitude();
      if (magnitude != null) parameters.put(name + MAGNITUDE, magnitude.requiresGrad(true));
      attach(product, update);
    }
  }

  /**
   * Puts updates beside a model's products.
   *
   * @throws IllegalArgumentException if the targets match none of them
   */
  public static Lora on(AutogradModel model, LoraOptions options, Randomness randomness) {
    for (String target : options.targets()) {
      if (!target.equals(LoraOptions.ALL)
          && model.projections().stream().noneMatch(p -> matches(p, target))) {
        throw new IllegalArgumentException(
            "no product of the model is named '%s'; there are %s, and %s for all"
                .formatted(target, kinds(model), LoraOptions.ALL));
      }
    }
    requireWhole(model, options);
    return new Lora(model, options, randomness);
  }

  /** transformers has GPT-2's queries, keys and values in one product, whose rows all get norms. */
  private static void requireWhole(AutogradModel model, LoraOptions options) {
    if (!options.dora() || !FusedProducts.are(model.config().architecture())) return;
    long of =
        Stream.of("q_proj", "k_proj", "v_proj")
            .filter(part -> options.adapts("model.layers.0.self_attn." + part))
            .count();
    if (of % 3 != 0) {
      throw new IllegalArgumentException(
          "DoRA adapts q_proj, k_proj and v_proj of GPT-2 together, for they are one product of"
              + " transformers; name all three or none");
    }
  }

  private static boolean matches(Projection product, String target) {
    return product.name().equals(target) || product.name().endsWith("." + target);
  }

  private static List<String> kinds(AutogradModel model) {
    return model.projections().stream()
        .map(product -> product.name().substring(product.name().lastIndexOf('.') + 1))
        .distinct()
        .toList();
  }

  /** Of the model that is adapted. */
  ModelConfig config() {
    return config;
  }

  public LoraOptions options() {
    return options;
  }

  /** {@code A} and {@code B} of each product by peft's names. */
  @Override
  public Map<String, Tensor> parameters() {
    return Collections.unmodifiableMap(parameters);
  }

  /**
   * What the weights' engine twin adds to the model's own: the updates as they are now, copied.
   *
   * @return by the product's name
   */
  public Map<String, AdapterFiles.Update> updates() {
    Map<String, AdapterFiles.Update> updates = new LinkedHashMap<>();
    adapted.forEach(
        (product, update) -> {
          Tensor magnitude = update.magnitude();
          updates.put(
              product.name(),
              new AdapterFiles.Update(
                  update.a().toFloats(),
                  update.b().toFloats(),
                  magnitude == null ? null : magnitude.toFloats(),
                  options.rank(),
                  product.inputs(),
                  options.scale()));
        });
    return updates;
  }

  /**
   * Puts the updates into the model's weights, so that they cost nothing more; what the weights
   * were is kept, and {@link #unmerge} brings it back to the bit. Not while gradients are wanted.
   *
   * @throws IllegalStateException if they are merged already
   */
  public void merge() {
    if (isMerged()) throw new IllegalStateException("the adapter is merged already");
    try (var _ = new Scope();
        var _ = new NoGrad()) {
      adapted.forEach(
          (product, update) -> {
            Tensor weight = product.weight();
            original.put(product, weight.copy().keep());
            Tensor _ = weight.copyFrom(update.merged(weight));
            product.adapt(null);
          });
    }
  }

  /**
   * Takes the updates out of the model's weights again.
   *
   * @throws IllegalStateException if they are not merged
   */
  public void unmerge() {
    if (!isMerged()) throw new IllegalStateException("the adapter is not merged");
    try (var _ = new NoGrad()) {
      original.forEach(
          (product, weight) -> {
            Tensor _ = product.weight().copyFrom(weight);
            weight.close();
          });
    }
    original.clear();
    adapted.forEach(this::attach);
  }

  /** Whether the model's weights hold the updates. */
  public boolean isMerged() {
    return !original.isEmpty();
  }

  private void attach(Projection product, LowRank update) {
    product.adapt(update, () -> training);
  }

  @Override
  public Weights with(Weights base) {
    return base.with(updates());
  }

  @Override
  public void write(String base, Path folder) throws IOException {
    AdapterFiles.write(this, base, folder);
  }

  @Override
  public void training(boolean is) {
    training = is;
  }

  @Override
  public void close() {
    if (isMerged()) unmerge();
    for (Projection product : adapted.keySet()) product.adapt(null);
    for (Tensor parameter : parameters.values()) parameter.close();
  }
}
