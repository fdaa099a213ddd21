package io.otium.lm.adapter;

import io.otium.core.tensor.DType;
import io.otium.core.tensor.Functional;
import io.otium.core.tensor.RandomStream;
import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Tensor;
import io.otium.lm.model.AutogradModel;
import io.otium.lm.model.ModelConfig;
import io.otium.lm.model.Projection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Low-rank updates of a model's products (Hu et al., arXiv 2106.09685): {@code y = W x + s · B A x}
 * with {@code A [rank, inputs]} and {@code B [outputs, rank]}, which begins at zero. The model's
 * own weights stay as they are and need no gradients.
 */
public final class Lora implements AutoCloseable {
  /** What peft puts before a product's name. */
  static final String PREFIX = "base_model.model.";

  static final String A = ".lora_A.weight";
  static final String B = ".lora_B.weight";

  private final ModelConfig config;
  private final LoraOptions options;
  private final List<Projection> adapted;
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private boolean training = true;

  private Lora(AutogradModel model, LoraOptions options, Randomness randomness) {
    this.config = model.config();
    this.options = options;
    adapted =
        model.projections().stream().filter(product -> options.adapts(product.name())).toList();
    RandomStream init = randomness.stream(Randomness.INIT);
    RandomStream dropped = randomness.stream(Randomness.DROPOUT);
    for (Projection product : adapted) {
      // as PyTorch's linear layers begin: uniform within 1 / √inputs
      double bound = 1 / Math.sqrt(product.inputs());
      DType type = product.weight().dtype();
      Tensor a =
          init.uniformInPlace(
                  Tensor.empty(DType.F32, options.rank(), product.inputs()), -bound, bound)
              .to(type)
              .keep()
              .requiresGrad(true);
      Tensor b = Tensor.zeros(type, product.outputs(), options.rank()).keep().requiresGrad(true);
      parameters.put(PREFIX + product.name() + A, a);
      parameters.put(PREFIX + product.name() + B, b);
      double scale = options.scale();
      product.adapt(
          x -> {
            Tensor in = training ? Functional.dropout(x, options.dropout(), dropped) : x;
            return Functional.linear(Functional.linear(in, a, null), b, null).mul(scale);
          });
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
    return new Lora(model, options, randomness);
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
    for (Projection product : adapted) {
      Tensor a = parameters.get(PREFIX + product.name() + A);
      Tensor b = parameters.get(PREFIX + product.name() + B);
      if (a == null || b == null) throw new IllegalStateException(product.name());
      updates.put(
          product.name(),
          new AdapterFiles.Update(
              a.toFloats(), b.toFloats(), options.rank(), product.inputs(), options.scale()));
    }
    return updates;
  }

  /** Whether inputs are dropped. */
  public void training(boolean is) {
    training = is;
  }

  @Override
  public void close() {
    for (Projection product : adapted) product.adapt(null);
    for (Tensor parameter : parameters.values()) parameter.close();
  }
}
