package io.otium.core.nn;

import io.otium.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** A module from one tensor to one tensor, to which parametrisations can be attached. */
public abstract class Layer extends Module {
  private final List<Attached> attached = new ArrayList<>();

  private record Attached(String name, Parametrization parametrization) {}

  /** A layer without parameters. */
  public static Layer of(UnaryOperator<Tensor> function) {
    return new Layer() {
      @Override
      protected Tensor compute(Tensor x) {
        return function.apply(x);
      }
    };
  }

  /** The layer's own result, whatever is attached. */
  protected abstract Tensor compute(Tensor x);

  /** The layer's result, through all that is attached. */
  public final Tensor forward(Tensor x) {
    return attached.isEmpty() ? compute(x) : through(attached.size(), x);
  }

  private Tensor through(int count, Tensor x) {
    if (count == 0) return compute(x);
    return attached
        .get(count - 1)
        .parametrization
        .forward(this, inner -> through(count - 1, inner), x);
  }

  /**
   * Attaches a parametrisation around what is attached already.
   *
   * @param name its own, under the layer's
   */
  public final void attach(String name, Parametrization parametrization) {
    attached.add(new Attached(name, child(name, parametrization)));
  }

  /** Takes off what was attached by this name, and leaves it open; nothing if there is none. */
  public final void detach(String name) {
    if (attached.removeIf(a -> a.name.equals(name))) removeChild(name);
  }

  /**
   * Attaches a parametrisation to every layer of a type that a pattern matches.
   *
   * @param root where the names begin
   * @param pattern see {@link NamePattern}
   * @return the names of the layers
   * @throws IllegalArgumentException if there are none
   */
  public static <L extends Layer> List<String> attach(
      Module root,
      Class<L> type,
      String pattern,
      String name,
      Function<L, Parametrization> parametrization) {
    Map<String, Module> modules = root.modules();
    modules.values().removeIf(module -> !type.isInstance(module));
    List<String> found =
        new NamePattern(pattern).of("layers of " + type.getSimpleName(), modules.keySet());
    for (String path : found) {
      L layer = type.cast(root.module(path));
      layer.attach(name, parametrization.apply(layer));
    }
    return found;
  }
}
