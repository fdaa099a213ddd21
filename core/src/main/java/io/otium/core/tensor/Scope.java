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

  /** For graphs outside any scope, which live for all we know for ever. */
  private static final List<Runnable> NEVER = Collections.synchronizedList(new ArrayList<>());

  private final @Nullable Scope outer;
  private final Thread thread = Thread.currentThread();
  private final ArrayList<Tensor> made = new ArrayList<>();
  private final ArrayList<Runnable> graphs = new ArrayList<>();

  /**
   * Whether a kept tensor's graph of gradients goes on in the scope around, with what it refers to.
   */
  private boolean graphLeaves;

  /** Whether a graph goes on outside all scopes. */
  private boolean graphStays;

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
      graphLeaves |= hasGraph(tensor);
      tensor.scope = outer;
      if (outer != null) outer.made.add(tensor);
    }
    return tensor;
  }

  /** Lets a tensor go from all scopes. */
  void release(Tensor tensor) {
    if (hasGraph(tensor)) {
      for (Scope scope = this; scope != null; scope = scope.outer) scope.graphStays = true;
    }
    tensor.scope = null;
  }

  private static boolean hasGraph(Tensor tensor) {
    return tensor.requiresGrad() && !tensor.isLeaf();
  }

  void add(Tensor tensor) {
    made.add(tensor);
  }

  /**
   * Frees what a graph of gradients refers to (and so keeps it from the garbage collector) once the
   * graph has ended: with this scope, or with the one that a tensor of the graph is kept in.
   */
  public static void atEndOfGraph(Runnable free) {
    Scope scope = CURRENT.get();
    if (scope == null) NEVER.add(free);
    else scope.graphs.add(free);
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
    if (graphStays || (graphLeaves && outer == null)) NEVER.addAll(graphs);
    else if (graphLeaves && outer != null) outer.graphs.addAll(graphs);
    else graphs.forEach(Runnable::run);
  }
}
