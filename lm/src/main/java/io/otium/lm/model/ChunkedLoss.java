package io.otium.lm.model;

import io.otium.core.tensor.Autograd;
import io.otium.core.tensor.DType;
import io.otium.core.tensor.Functional;
import io.otium.core.tensor.Losses;
import io.otium.core.tensor.NoGrad;
import io.otium.core.tensor.Reduction;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;
import io.otium.lm.data.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Cross-entropy of next tokens and its gradients, without ever holding the logits of all tokens:
 * those of some rows are made, their gradient goes back to the hidden states at once, and they are
 * freed. Only rows with a target are computed. With {@code recompute}, blocks keep nothing but
 * their input for the way back and are run twice (gradient checkpointing).
 */
public final class ChunkedLoss {
  /** Rows of logits at a time: 50 MB for a vocabulary of 49,152. */
  private static final int ROWS = 256;

  private final AutogradModel model;
  private final boolean recompute;

  public ChunkedLoss(AutogradModel model, boolean recompute) {
    this.model = model;
    this.recompute = recompute;
  }

  /**
   * Adds to the parameters' gradients those of {@code scale · Σ loss}.
   *
   * @param scale e.g. one by the number of targets of all that a step sums up
   * @return the sum of the losses over the batch's targets, in nats, without the scale
   */
  public double backward(TokenBatch batch, double scale) {
    try (var _ = new Scope()) {
      return recompute ? recomputed(batch, scale) : recorded(batch, scale);
    }
  }

  /** The sum of the losses, without gradients. */
  public double loss(TokenBatch batch) {
    try (var _ = new Scope();
        var _ = new NoGrad()) {
      Tensor hidden = model.hidden(batch);
      double sum = 0;
      for (Rows rows : rows(batch)) {
        try (var _ = new Scope()) {
          sum += loss(hidden.indexSelect(0, Tensor.of(rows.at())), rows).item();
        }
      }
      return sum;
    }
  }

  /** Natural logarithms of each target's probability, NaN where there is none: {@code [tokens]}. */
  public float[] logProbs(TokenBatch batch) {
    float[] all = new float[batch.tokens().length];
    Arrays.fill(all, Float.NaN);
    try (var _ = new Scope();
        var _ = new NoGrad()) {
      Tensor hidden = model.hidden(batch);
      for (Rows rows : rows(batch)) {
        try (var _ = new Scope()) {
          Tensor logits = model.logits(hidden.indexSelect(0, Tensor.of(rows.at()))).to(DType.F32);
          float[] losses =
              Losses.crossEntropy(
                      logits, Tensor.of(rows.targets()), null, Reduction.NONE, Losses.IGNORED, 0)
                  .toFloats();
          for (int i = 0; i < losses.length; i++) all[(int) rows.at()[i]] = -losses[i];
        }
      }
    }
    return all;
  }

  private double recorded(TokenBatch batch, double scale) {
    Tensor hidden = model.hidden(batch);
    Gradient gradient = gradient(hidden.detach(), batch, scale);
    hidden.backward(gradient.ofHidden());
    return gradient.sum();
  }

  private double recomputed(TokenBatch batch, double scale) {
    AutogradModel.Layout layout = model.layout(batch);
    List<Tensor> inputs = new ArrayList<>();
    Tensor embedded = model.embed(batch);
    Tensor x = embedded.detach();
    try (var _ = new NoGrad()) {
      for (int l = 0; l < model.layers(); l++) {
        inputs.add(x);
        try (var scope = new Scope()) {
          x = scope.keep(model.block(l, x, layout));
        }
      }
    }
    Tensor last = x.detach().requiresGrad(true);
    Tensor hidden = model.lastNorm(last);
    Gradient gradient = gradient(hidden.detach(), batch, scale);
    hidden.backward(gradient.ofHidden());
    Tensor back = last.grad();
    for (int l = model.layers() - 1; l >= 0; l--) {
      try (var scope = new Scope()) {
        Tensor input = inputs.get(l).detach().requiresGrad(true);
        model.block(l, input, layout).backward(back);
        back = scope.keep(input.grad());
      }
    }
    if (embedded.requiresGrad()) embedded.backward(back);
    return gradient.sum();
  }

  private record Gradient(Tensor ofHidden, double sum) {}

  private Gradient gradient(Tensor hidden, TokenBatch batch, double scale) {
    if (hidden.dtype() == DType.BF16)
      return Autograd.noGrad(() -> halfGradient(hidden, batch, scale));
    hidden.requiresGrad(true);
    double sum = 0;
    for (Rows rows : rows(batch)) {
      try (var _ = new Scope()) {
        Tensor loss = loss(hidden.indexSelect(0, Tensor.of(rows.at())), rows);
        sum += loss.item();
        loss.mul(scale).backward();
      }
    }
    Tensor ofHidden = hidden.hasGrad() ? hidden.grad() : Autograd.noGrad(() -> hidden.mul(0));
    return new Gradient(ofHidden, sum);
  }

  /** The same in BF16, where logits become their gradients in place. */
  private Gradient halfGradient(Tensor hidden, TokenBatch batch, double scale) {
    Tensor output = model.output();
    Tensor ofHidden = Tensor.zeros(DType.BF16, hidden.shape());
    double sum = 0;
    for (Rows rows : rows(batch)) {
      try (var _ = new Scope()) {
        Tensor at = Tensor.of(rows.at());
        Tensor some = hidden.indexSelect(0, at);
        Tensor logits = Functional.linear(some, output, null);
        sum +=
            HalfRows.crossEntropy(
                logits, rows.targets(), model.config().logitScale(), (float) scale);
        ofHidden.indexCopyInPlace(0, at, logits.matmul(output));
        if (output.requiresGrad() && output.hasGrad()) {
          output.grad().addmmInPlace(logits.transpose(0, 1), some, 1, 1);
        } else if (output.requiresGrad()) {
          output.grad(logits.transpose(0, 1).matmul(some));
        }
      }
    }
    return new Gradient(ofHidden, sum);
  }

  private Tensor loss(Tensor hidden, Rows rows) {
    Tensor logits = model.logits(hidden).to(DType.F32);
    return Losses.crossEntropy(
        logits, Tensor.of(rows.targets()), null, Reduction.SUM, Losses.IGNORED, 0);
  }

  /** Some tokens with a target. */
  private record Rows(long[] at, long[] targets) {}

  private static List<Rows> rows(TokenBatch batch) {
    List<Rows> all = new ArrayList<>();
    int[] targets = batch.targets();
    long[] at = new long[ROWS];
    int n = 0;
    for (int t = 0; t < targets.length; t++) {
      if (targets[t] != TokenBatch.IGNORED) at[n++] = t;
      if (n == ROWS || n > 0 && t == targets.length - 1) {
        long[] some = Arrays.copyOf(at, n);
        all.add(new Rows(some, Arrays.stream(some).map(i -> targets[(int) i]).toArray()));
        n = 0;
      }
    }
    return all;
  }
}
