package io.otium.core.tensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Native memory with an end: every tensor that this thread makes between opening and closing is
 * freed at the end, except those kept.
 *
 * <pre>{@code
 * try (var scope = new Scope()) {
 *   Tensor loss = model.loss(batch);
 *   loss.backward();
 *   total += loss.item();
 * }
 * }</pre>
 *
 * Scopes nest. Outside any, a tensor lives until {@link Tensor#close} or until the garbage
 * collector finds it unreachable. A scope belongs to the thread that opened it, and ends in the
 * reverse order of opening.
 */
public final class Scope implements AutoCloseable {
  private static final ThreadLocal<@Nullable Scope> CURRENT = new ThreadLocal<>();

  /** Hooks registered outside any scope: native code refers to them, for all we know for ever. */
  private static final List<Autograd.Hook> HOOKS = Collections.synchronizedList(new ArrayList<>());

  private final @Nullable Scope outer;
  private final Thread thread = Thread.currentThread();
  private final ArrayList<Tensor> made = new ArrayList<>();
  private final ArrayList<Autograd.Hook> hooks = new ArrayList<>();
  private boolean closed;

  public Scope() {
    outer = CURRENT.get();
    CURRENT.set(this);
  }

  static @Nullable Scope current() {
    return CURRENT.get();
  }

  /** Moves a tensor out, to the scope around this one if there is one; returns the tensor. */
  public Tensor keep(Tensor tensor) {
    if (tensor.scope == this) {
      tensor.scope = outer;
      if (outer != null) outer.made.add(tensor);
    }
    return tensor;
  }

  void add(Tensor tensor) {
    made.add(tensor);
  }

  /** Keeps what a graph of gradients calls for as long as the graph can live. */
  static void keepAlive(Autograd.Hook hook) {
    Scope scope = CURRENT.get();
    if (scope == null) HOOKS.add(hook);
    else scope.hooks.add(hook);
  }

  /** How many tensors it would free now; for tests and diagnosis. */
  public int size() {
    int count = 0;
    for (Tensor tensor : made) if (tensor.scope == this && !tensor.isClosed()) count++;
    return count;
  }

  /** Frees what was made and not kept; a second call does nothing. */
  @Override
  public void close() {
    if (closed) return;
    if (CURRENT.get() != this) {
      throw new IllegalStateException(
          thread == Thread.currentThread()
              ? "a scope opened within this one is still open"
              : "a scope is closed by the thread that opened it");
    }
    closed = true;
    if (outer == null) CURRENT.remove();
    else CURRENT.set(outer);
    for (int i = made.size() - 1; i >= 0; i--) {
      Tensor tensor = made.get(i);
      if (tensor.scope == this) tensor.close();
    }
    for (Autograd.Hook hook : hooks) hook.close();
  }
}
