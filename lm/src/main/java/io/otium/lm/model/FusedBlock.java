package io.otium.lm.model;

import io.otium.core.tensor.Autograd;
import io.otium.core.tensor.DType;
import io.otium.core.tensor.OwnGradient;
import io.otium.core.tensor.Scope;
import io.otium.core.tensor.Tensor;
import io.otium.lm.model.ModelConfig.Norm;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A block of Llama's kind in BF16, its way there and its way back written out: products by
 * libtorch, attention and all between in one pass each ({@link CausalAttention}, {@link HalfRows}),
 * and no more kept for the way back than has to be. What is cheap to make again (norms, the MLP's
 * hidden row) is made again.
 */
final class FusedBlock implements AutoCloseable {
  private final float eps;
  private final Tensor attentionNorm;
  private final StackedProducts qkv;
  private final CausalAttention attention;
  private final StackedProducts o;
  private final Tensor mlpNorm;
  private final StackedProducts gateUp;
  private final StackedProducts down;

  FusedBlock(
      float eps,
      Tensor attentionNorm,
      StackedProducts qkv,
      CausalAttention attention,
      StackedProducts o,
      Tensor mlpNorm,
      StackedProducts gateUp,
      StackedProducts down) {
    this.eps = eps;
    this.attentionNorm = attentionNorm;
    this.qkv = qkv;
    this.attention = attention;
    this.o = o;
    this.mlpNorm = mlpNorm;
    this.gateUp = gateUp;
    this.down = down;
  }

  /** Whether a model's blocks can be run so on this processor. */
  static boolean fits(ModelConfig c, Weights w, DType type) {
    return type == DType.BF16
        && c.norm() == Norm.RMS
        && c.rope() != null
        && c.gatedMlp()
        && c.activation() == Activation.SILU
        && w.layer(0).qNorm() == null
        && CausalAttention.isAvailable(c.headDim());
  }

  /** What one pass leaves for the way back. */
  private static final class Saved {
    final Tensor x;
    final AutogradModel.Layout layout;
    final float[] logSums;
    final List<Tensor> kept = new ArrayList<>();
    final List<Beside> beside = new ArrayList<>();
    final List<Low> low = new ArrayList<>();
    @Nullable Tensor turned;
    @Nullable Tensor mixed;
    @Nullable Tensor between;
    @Nullable Tensor gateUp;

    Saved(Tensor x, AutogradModel.Layout layout, int heads) {
      this.x = keep(x.detach());
      this.layout = layout;
      this.logSums = new float[heads * (int) x.size(0)];
    }

    Tensor keep(Tensor tensor) {
      kept.add(tensor.keep());
      return tensor;
    }

    void free() {
      kept.forEach(Tensor::close);
      kept.clear();
    }
  }

  /** A low-rank update of a stack of products, and {@code A x}. */
  private record Low(StackedUpdates updates, Tensor z, StackedProducts of) {}

  /** What adapters add to a stack of products, recorded. */
  private record Beside(Tensor input, List<Tensor> outputs, StackedProducts of) {}

  private boolean trains() {
    return attentionNorm.requiresGrad()
        || mlpNorm.requiresGrad()
        || List.of(qkv, o, gateUp, down).stream().anyMatch(p -> p.trains() || p.isAdapted());
  }

  /** {@code [tokens, width]} to {@code [tokens, width]}. */
  Tensor apply(Tensor x, AutogradModel.Layout layout) {
    if (!Autograd.isRecording() || !x.requiresGrad() && !trains()) {
      return Autograd.noGrad(() -> forward(x, layout, null));
    }
    var saved = new Saved(x, layout, attention.queryHeads());
    Scope.atEndOfGraph(saved::free);
    return OwnGradient.apply(
        List.of(x),
        () -> forward(x, layout, saved),
        gradient -> {
          List<Tensor> back = List.of(Autograd.noGrad(() -> back(saved, gradient)));
          saved.free();
          return back;
        });
  }

  private Tensor forward(Tensor x, AutogradModel.Layout layout, @Nullable Saved saved) {
    try (var scope = new Scope()) {
      Tensor n1 = HalfRows.rmsNorm(x, attentionNorm.toFloats(), eps);
      Tensor turned = qkv.apply(n1);
      adapt(qkv, n1, turned, saved);
      attention.rotate(turned, layout.table());
      float[] logSums =
          saved != null ? saved.logSums : new float[attention.queryHeads() * (int) x.size(0)];
      Tensor mixed = attention.attend(turned, layout.starts(), logSums);
      Tensor between = o.apply(mixed);
      adapt(o, mixed, between, saved);
      between.addInPlace(x);
      Tensor n2 = HalfRows.rmsNorm(between, mlpNorm.toFloats(), eps);
      Tensor both = gateUp.apply(n2);
      adapt(gateUp, n2, both, saved);
      Tensor h = HalfRows.gatedSilu(both);
      Tensor y = down.apply(h);
      adapt(down, h, y, saved);
      y.addInPlace(between);
      if (saved != null) {
        saved.turned = saved.keep(turned);
        saved.mixed = saved.keep(mixed);
        saved.between = saved.keep(between);
        saved.gateUp = saved.keep(both);
      }
      return scope.keep(y);
    }
  }

  /** Adds what adapters make of the input. */
  private static void adapt(StackedProducts of, Tensor x, Tensor y, @Nullable Saved saved) {
    if (!of.isAdapted()) return;
    StackedUpdates low = StackedUpdates.of(of);
    if (low != null) {
      Tensor z = low.apply(x, y);
      if (saved == null) return;
      saved.low.add(new Low(low.keptBy(saved::keep), saved.keep(z), of));
      return;
    }
    if (saved == null) {
      for (StackedProducts.Adapted some : of.adapted()) {
        some.columns(y).addInPlace(some.part().delta(x));
      }
      return;
    }
    Tensor input = saved.keep(x.detach()).requiresGrad(true);
    List<Tensor> outputs = new ArrayList<>();
    for (StackedProducts.Adapted some : of.adapted()) {
      Tensor more = saved.keep(Autograd.recording(() -> some.part().delta(input)));
      some.columns(y).addInPlace(more.detach());
      outputs.add(more);
    }
    saved.beside.add(new Beside(input, outputs, of));
  }

  /**
   * Adds to the gradient of a product's input that through its adapters.
   *
   * @return what is left to do once the input is there again
   */
  private static Consumer<Tensor> adaptBack(Saved saved, StackedProducts of, Tensor dy, Tensor dx) {
    for (Low low : saved.low) if (low.of() == of) return low.updates().back(low.z(), dy, dx);
    for (Beside beside : saved.beside) {
      if (beside.of() != of) continue;
      List<Tensor> gradients = new ArrayList<>();
      for (StackedProducts.Adapted some : of.adapted()) gradients.add(some.columns(dy));
      Autograd.backward(beside.outputs(), gradients, false);
      dx.addInPlace(beside.input().grad());
    }
    return _ -> {};
  }

  private Tensor back(Saved saved, Tensor arrived) {
    Tensor turned = of(saved.turned);
    Tensor mixed = of(saved.mixed);
    Tensor between = of(saved.between);
    Tensor both = of(saved.gateUp);
    try (var scope = new Scope()) {
      Tensor dy = arrived.contiguous();
      Tensor h = down.back(dy);
      Consumer<Tensor> rest = adaptBack(saved, down, dy, h);
      HalfRows.gatedSiluBack(both, h); // now its own gradient, and the hidden row once more
      rest.accept(h);
      down.accumulate(dy, h);
      h.close();
      Tensor dn = gateUp.back(both);
      rest = adaptBack(saved, gateUp, both, dn);
      float[] norm = mlpNorm.toFloats();
      learn(gateUp, both, between, norm, rest);
      Tensor dx = Tensor.empty(DType.BF16, dy.shape());
      normBack(between, dn, mlpNorm, norm, dy, dx);
      dn.close();

      Tensor dm = o.back(dx);
      adaptBack(saved, o, dx, dm).accept(mixed);
      o.accumulate(dx, mixed);
      Tensor dqkv =
          attention.back(
              turned, mixed, dm, saved.layout.starts(), saved.logSums, saved.layout.table());
      dm.close();
      dn = qkv.back(dqkv);
      rest = adaptBack(saved, qkv, dqkv, dn);
      norm = attentionNorm.toFloats();
      learn(qkv, dqkv, saved.x, norm, rest);
      normBack(saved.x, dn, attentionNorm, norm, dx, dx);
      return scope.keep(dx);
    }
  }

  /** Gradients of weights whose input is a norm, which is made again. */
  private void learn(
      StackedProducts of, Tensor dy, Tensor x, float[] norm, Consumer<Tensor> adapters) {
    if (!of.trains() && !of.isAdapted()) return;
    Tensor input = HalfRows.rmsNorm(x, norm, eps);
    adapters.accept(input);
    of.accumulate(dy, input);
    input.close();
  }

  private void normBack(Tensor x, Tensor dn, Tensor weight, float[] w, Tensor around, Tensor into) {
    float[] dw = weight.requiresGrad() ? new float[w.length] : null;
    HalfRows.rmsNormBack(x, dn, w, eps, around, into, dw);
    if (dw != null) StackedProducts.add(weight, Tensor.of(dw).to(weight.dtype()));
  }

  private static Tensor of(@Nullable Tensor saved) {
    if (saved == null) throw new IllegalStateException("a block's way back was gone twice");
    return saved;
  }

  @Override
  public void close() {
    qkv.close();
    o.close();
    gateUp.close();
    down.close();
  }
}
