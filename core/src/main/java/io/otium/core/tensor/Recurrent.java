package io.otium.core.tensor;

import java.util.List;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Recurrent networks over whole sequences, as in PyTorch. */
public final class Recurrent {
  private Recurrent() {}

  /**
   * @param sequence the last layer's hidden states, {@code [batch, tokens, hidden]}
   * @param hidden every layer's last hidden state, {@code [layers, batch, hidden]}
   */
  public record GruOutput(Tensor sequence, Tensor hidden) {}

  /**
   * @param sequence the last layer's hidden states, {@code [batch, tokens, hidden]}
   * @param hidden every layer's last hidden state, {@code [layers, batch, hidden]}
   * @param cell every layer's last cell state, {@code [layers, batch, hidden]}
   */
  public record LstmOutput(Tensor sequence, Tensor hidden, Tensor cell) {}

  /**
   * @param x {@code [batch, tokens, inputs]}
   * @param hidden {@code [layers, batch, hidden]}
   * @param weights four for each layer: {@code [3 · hidden, inputs or hidden]}, {@code [3 · hidden,
   *     hidden]}, and the bias of each, {@code [3 · hidden]}
   */
  public static GruOutput gru(Tensor x, Tensor hidden, List<Tensor> weights) {
    check("gru", x, hidden, weights);
    try (TensorVector all = Native.vector(weights);
        var out = torch.gru(x.n, hidden.n, all, true, weights.size() / 4, 0, false, false, true)) {
      return new GruOutput(Native.copy(out.get0()), Native.copy(out.get1()));
    } catch (RuntimeException failure) {
      throw TensorException.of("gru", failure, x, hidden);
    }
  }

  /**
   * @param x {@code [batch, tokens, inputs]}
   * @param hidden {@code [layers, batch, hidden]}
   * @param cell {@code [layers, batch, hidden]}
   * @param weights four for each layer: {@code [4 · hidden, inputs or hidden]}, {@code [4 · hidden,
   *     hidden]}, and the bias of each, {@code [4 · hidden]}
   */
  public static LstmOutput lstm(Tensor x, Tensor hidden, Tensor cell, List<Tensor> weights) {
    check("lstm", x, hidden, weights);
    try (TensorVector all = Native.vector(weights);
        TensorVector states = Native.vector(List.of(hidden, cell));
        var out = torch.lstm(x.n, states, all, true, weights.size() / 4, 0, false, false, true)) {
      return new LstmOutput(
          Native.copy(out.get0()), Native.copy(out.get1()), Native.copy(out.get2()));
    } catch (RuntimeException failure) {
      throw TensorException.of("lstm", failure, x, hidden, cell);
    }
  }

  private static void check(String op, Tensor x, Tensor hidden, List<Tensor> weights) {
    if (weights.isEmpty() || weights.size() % 4 != 0) {
      throw new TensorException(op + " needs four weights a layer, not " + weights.size());
    }
    Shapes.requireDim("the input of " + op, x, 3, "[batch, tokens, inputs]");
    Shapes.require(
        "the hidden state of " + op, hidden, weights.size() / 4, x.size(0), weights.get(1).size(1));
  }
}
