package io.otium.core.nn;

import io.otium.core.tensor.Randomness;
import io.otium.core.tensor.Recurrent;
import io.otium.core.tensor.Tensor;
import java.util.List;

/** Gated recurrent units: {@code [batch, tokens, inputs]} to {@code [batch, tokens, hidden]}. */
public final class Gru extends Layer {
  private static final int GATES = 3;

  private final long hidden;
  private final List<Tensor> weights;

  /**
   * @param layers one above the other
   */
  public Gru(long inputs, long hidden, int layers, Randomness random) {
    this.hidden = hidden;
    RecurrentWeights all = new RecurrentWeights(GATES, inputs, hidden, layers, random);
    all.byName().forEach(this::parameter);
    weights = all.inOrder();
  }

  @Override
  protected Tensor compute(Tensor x) {
    Tensor zero = Tensor.zeros(x.dtype(), weights.size() / 4, x.size(0), hidden);
    return forward(x, zero).sequence();
  }

  /**
   * From a state on.
   *
   * @param x {@code [batch, tokens, inputs]}
   * @param state {@code [layers, batch, hidden]}
   */
  public Recurrent.GruOutput forward(Tensor x, Tensor state) {
    return Recurrent.gru(x, state, weights);
  }
}
