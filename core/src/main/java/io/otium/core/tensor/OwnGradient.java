package io.otium.core.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.pytorch.GradMode;
import org.jspecify.annotations.Nullable;

/** An operator whose gradient is calculated by its author and not by recording. */
public final class OwnGradient {
  private final Function<Tensor, ? extends List<? extends @Nullable Tensor>> backward;
  private @Nullable Tensor arrived;
  private @Nullable List<? extends @Nullable Tensor> result;

  private OwnGradient(Function<Tensor, ? extends List<? extends @Nullable Tensor>> backward) {
    this.backward = backward;
  }

  /**
   * Runs a function without recording and gives its result a gradient.
   *
   * @param inputs those whose gradient {@code backward} gives
   * @param forward a new tensor, of any shape, which nothing else refers to
   * @param backward from the gradient of the result, of its shape, to that of each input, of its
   *     shape, or null for none; it may call {@link Tensor#backward} itself, for what else the
   *     function depends on. It may be called once.
   */
  public static Tensor apply(
      List<Tensor> inputs,
      Supplier<Tensor> forward,
      Function<Tensor, ? extends List<? extends @Nullable Tensor>> backward) {
    Tensor output = Autograd.noGrad(() -> forward.get());
    if (!GradMode.is_enabled()) return output;
    var own = new OwnGradient(backward);
    // The result depends on each input through a sum of none of its elements. What gradient comes
    // back along that way is then replaced.
    List<Tensor> links = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i).requiresGrad()) links.add(own.link(inputs.get(i), i));
    }
    if (links.isEmpty()) {
      links.add(own.link(Tensor.zeros(output.dtype(), 1).requiresGrad(true), inputs.size()));
    }
    Tensor all = links.getFirst();
    for (Tensor link : links.subList(1, links.size())) all = all.add(link);
    output.addInPlace(all);
    output.onGradient(own::arrive);
    return output;
  }

  private Tensor link(Tensor input, int index) {
    Tensor passed = input.view(input.shape());
    passed.onGradient(zeros -> gradient(index, zeros));
    return passed.flatten().narrow(0, 0, 0).sum();
  }

  private Tensor arrive(Tensor gradient) {
    arrived = gradient;
    return gradient;
  }

  private Tensor gradient(int index, Tensor zeros) {
    List<? extends @Nullable Tensor> all = result;
    if (all == null) {
      if (arrived == null) throw new TensorException("no gradient arrived at the result");
      all = backward.apply(arrived);
      result = all;
      arrived = null;
    }
    Tensor own = index < all.size() ? all.get(index) : null;
    return own == null ? zeros : Shapes.require("an own gradient", own, zeros.shape());
  }
}
