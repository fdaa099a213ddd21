package io.otium.core.nn;

import io.otium.core.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/** Trained embeddings before those of the tokens (Lester et al. 2021); attach to an embedding. */
public final class SoftPrompt extends Parametrization {
  private final Tensor prompt;

  /**
   * @param prompt where training starts, {@code [promptTokens, width]}; see {@link Init}
   */
  public SoftPrompt(Tensor prompt) {
    this.prompt = parameter("prompt", prompt);
  }

  /**
   * @param x {@code [batch, tokens]}
   * @return {@code [batch, promptTokens + tokens, width]}
   */
  @Override
  protected Tensor forward(Layer layer, UnaryOperator<Tensor> base, Tensor x) {
    Tensor tokens = base.apply(x);
    return Tensor.cat(List.of(prompt.unsqueeze(0).expand(tokens.size(0), -1, -1), tokens), 1);
  }
}
