package io.otium.core.nn;

import io.otium.core.options.OptionName;
import io.otium.core.tensor.DType;
import io.otium.core.tensor.NoGrad;
import io.otium.core.tensor.Tensor;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * A part of a network: parameters (trained), buffers (state that is not) and other modules, each by
 * a name. From outside, names are paths such as {@code blocks.0.attention.q.weight}.
 *
 * <p>What it registers leaves all scopes and lives until {@link #close}.
 */
public abstract class Module implements AutoCloseable {
  private final Map<String, Tensor> ownParameters = new LinkedHashMap<>();
  private final Map<String, Tensor> ownBuffers = new LinkedHashMap<>();
  private final Map<String, Module> children = new LinkedHashMap<>();
  private boolean training = true;

  // For those who write modules

  /** Registers a parameter of any shape; returns it. */
  protected final Tensor parameter(String name, Tensor value) {
    ownParameters.put(free(name), value.keep().requiresGrad(true));
    return value;
  }

  /** Registers state of any shape that is saved but not trained; returns it. */
  protected final Tensor buffer(String name, Tensor value) {
    ownBuffers.put(free(name), value.keep());
    return value;
  }

  /** Registers a part; returns it. */
  protected final <M extends Module> M child(String name, M module) {
    children.put(free(name), module);
    return module;
  }

  /** Forgets a part and leaves it open. */
  final void removeChild(String name) {
    children.remove(name);
  }

  private String free(String name) {
    if (name.isEmpty() || name.contains(".")) {
      throw new IllegalArgumentException("a part's name has no dots and is not empty: " + name);
    }
    if (ownParameters.containsKey(name)
        || ownBuffers.containsKey(name)
        || children.containsKey(name)) {
      throw new IllegalArgumentException(
          getClass().getSimpleName() + " has a part called " + name + " already");
    }
    return name;
  }

  // Parts by name

  /** This module under the empty name, and all in it. */
  public final Map<String, Module> modules() {
    Map<String, Module> all = new LinkedHashMap<>();
    visit("", all::put);
    return all;
  }

  private void visit(String path, BiConsumer<String, Module> visitor) {
    visitor.accept(path, this);
    children.forEach((name, child) -> child.visit(join(path, name), visitor));
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /** Every parameter once, under the first of its names. */
  public final Map<String, Tensor> parameters() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    visit(
        "",
        (path, module) ->
            module.ownParameters.forEach(
                (name, tensor) -> {
                  if (seen.add(tensor)) all.put(join(path, name), tensor);
                }));
    return all;
  }

  /** The parameters that are not frozen. */
  public final Map<String, Tensor> trainable() {
    Map<String, Tensor> all = parameters();
    all.values().removeIf(tensor -> !tensor.requiresGrad());
    return all;
  }

  public final Map<String, Tensor> buffers() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    visit("", (path, module) -> module.ownBuffers.forEach((n, t) -> all.put(join(path, n), t)));
    return all;
  }

  /**
   * The parameter or buffer at a path.
   *
   * @throws IllegalArgumentException if there is none
   */
  public final Tensor tensor(String path) {
    int dot = path.lastIndexOf('.');
    Module owner = dot < 0 ? this : module(path.substring(0, dot));
    String name = path.substring(dot + 1);
    Tensor found = owner.ownParameters.get(name);
    if (found == null) found = owner.ownBuffers.get(name);
    if (found == null) throw unknown("parameter or buffer", path, state().keySet());
    return found;
  }

  /**
   * The part at a path, this module at the empty one.
   *
   * @throws IllegalArgumentException if there is none
   */
  public final Module module(String path) {
    Module found = this;
    for (String name : path.isEmpty() ? new String[0] : path.split("\\.", -1)) {
      Module next = found.children.get(name);
      if (next == null) throw unknown("part", path, paths());
      found = next;
    }
    return found;
  }

  private Set<String> paths() {
    Set<String> paths = modules().keySet();
    paths.remove("");
    return paths;
  }

  private static IllegalArgumentException unknown(
      String what, String path, Set<String> candidates) {
    return new IllegalArgumentException(
        "there is no %s called %s%s"
            .formatted(
                what,
                path,
                OptionName.nearest(path, candidates)
                    .map(near -> "; did you mean " + near + "?")
                    .orElse(": " + NamePattern.some(candidates))));
  }

  /** How many numbers the parameters are. */
  public final long parameterCount() {
    return parameters().values().stream().mapToLong(Tensor::numel).sum();
  }

  // State

  /** Parameters and buffers, shared ones under each name; not copies. */
  public final Map<String, Tensor> state() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    visit(
        "",
        (path, module) -> {
          module.ownParameters.forEach((name, tensor) -> all.put(join(path, name), tensor));
          module.ownBuffers.forEach((name, tensor) -> all.put(join(path, name), tensor));
        });
    return all;
  }

  /**
   * Copies another's state into this one's, in this one's types.
   *
   * @param state by name, of the same shapes
   * @throws StateException which names what is missing, unexpected or of another shape; nothing is
   *     changed then
   */
  public final void load(Map<String, Tensor> state) {
    Map<String, Tensor> own = state();
    StateException.check(own, state);
    try (var _ = new NoGrad()) {
      state.forEach((name, value) -> tensor(name).copyFrom(value));
    }
  }

  // Modes

  /** Dropout drops, batch statistics are the batch's own. */
  public final void train() {
    mode(true);
  }

  /** As when used: dropout passes everything, batch statistics are the running ones. */
  public final void eval() {
    mode(false);
  }

  private void mode(boolean training) {
    visit("", (path, module) -> module.training = training);
  }

  public final boolean isTraining() {
    return training;
  }

  /** Stops the training of the parameters that a pattern matches; see {@link NamePattern}. */
  public final List<String> freeze(String pattern) {
    return require(pattern, false);
  }

  /** Resumes the training of the parameters that a pattern matches. */
  public final List<String> unfreeze(String pattern) {
    return require(pattern, true);
  }

  private List<String> require(String pattern, boolean gradients) {
    List<String> names = new NamePattern(pattern).of("parameters", parameters().keySet());
    for (String name : names) {
      Tensor tensor = tensor(name).requiresGrad(gradients);
      if (!gradients) tensor.zeroGrad();
    }
    return names;
  }

  /** Forgets the gradients of all parameters. */
  public final void zeroGrad() {
    for (Tensor tensor : parameters().values()) tensor.zeroGrad();
  }

  /** Turns parameters and buffers that are floating-point numbers into another such type. */
  public final void to(DType type) {
    try (var _ = new NoGrad()) {
      for (Tensor tensor : state().values()) {
        if (tensor.dtype().isFloatingPoint() && tensor.dtype() != type) {
          try (Tensor converted = tensor.to(type)) {
            tensor.setData(converted);
          }
        }
      }
    }
  }

  /** Frees parameters and buffers, also those of its parts. */
  @Override
  public final void close() {
    state().values().forEach(Tensor::close);
  }
}
