package io.otium.core.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * An array of numbers in native memory, of any number of dimensions, with gradients: libtorch's
 * tensor under PyTorch's names. Refused arguments throw {@link TensorException}.
 *
 * <p>It is freed with the {@link Scope} it was made in, or by {@link #close}. What native memory a
 * view shares with others is freed with the last of them. Not for use by two threads at once, but
 * for reading.
 */
public final class Tensor
    implements Pointwise, Products, Reductions, Shaping, Indexing, AutoCloseable {
  /** libtorch's, never reassigned. */
  final org.bytedeco.pytorch.Tensor n;

  /** The scope that frees it, or null. */
  @Nullable Scope scope;

  /** Takes over a native tensor. */
  Tensor(org.bytedeco.pytorch.Tensor n) {
    this.n = n;
    scope = Scope.current();
    if (scope != null) scope.add(this);
  }

  // Making

  /** F32. */
  public static Tensor zeros(long... shape) {
    return zeros(DType.F32, shape);
  }

  public static Tensor zeros(DType type, long... shape) {
    return Native.nullary("zeros", () -> torch.zeros(shape, Native.options(type)));
  }

  /** F32. */
  public static Tensor ones(long... shape) {
    return full(1, DType.F32, shape);
  }

  public static Tensor ones(DType type, long... shape) {
    return full(1, type, shape);
  }

  public static Tensor full(double value, DType type, long... shape) {
    return Native.nullary(
        "full", () -> torch.full(shape, Native.scalar(value), Native.options(type)));
  }

  /** With whatever the memory held. */
  public static Tensor empty(DType type, long... shape) {
    return Native.nullary(
        "empty", () -> torch.empty(shape, Native.options(type), Native.NO_FORMAT));
  }

  /** {@code 0, 1, …, end − 1}, I64. */
  public static Tensor arange(long end) {
    return arange(0, end, 1, DType.I64);
  }

  /** From {@code start} to before {@code end}. */
  public static Tensor arange(double start, double end, double step, DType type) {
    return Native.nullary(
        "arange",
        () ->
            torch.arange(
                Native.scalar(start),
                Native.scalar(end),
                Native.scalar(step),
                Native.options(type)));
  }

  /** {@code steps} numbers from {@code start} to {@code end}, both included, F32. */
  public static Tensor linspace(double start, double end, long steps) {
    return Native.nullary(
        "linspace", () -> torch.linspace(Native.scalar(start), Native.scalar(end), steps));
  }

  /** The identity, {@code [n, n]}, F32. */
  public static Tensor eye(long n) {
    return Native.nullary("eye", () -> torch.eye(n));
  }

  /** Without dimensions, F32. */
  public static Tensor scalar(double value) {
    return full(value, DType.F32);
  }

  /**
   * A copy of an array, F32.
   *
   * @param shape the array's length if empty
   */
  public static Tensor of(float[] values, long... shape) {
    Tensor tensor = Elements.sized(values.length, DType.F32, shape);
    MemorySegment.copy(values, 0, tensor.segment(), ValueLayout.JAVA_FLOAT, 0, values.length);
    return tensor;
  }

  /** A copy of an array, F64; see {@link #of(float[], long...)}. */
  public static Tensor of(double[] values, long... shape) {
    Tensor tensor = Elements.sized(values.length, DType.F64, shape);
    MemorySegment.copy(values, 0, tensor.segment(), ValueLayout.JAVA_DOUBLE, 0, values.length);
    return tensor;
  }

  /** A copy of an array, I64; see {@link #of(float[], long...)}. */
  public static Tensor of(long[] values, long... shape) {
    Tensor tensor = Elements.sized(values.length, DType.I64, shape);
    MemorySegment.copy(values, 0, tensor.segment(), ValueLayout.JAVA_LONG, 0, values.length);
    return tensor;
  }

  /** A copy of an array, I32; see {@link #of(float[], long...)}. */
  public static Tensor of(int[] values, long... shape) {
    Tensor tensor = Elements.sized(values.length, DType.I32, shape);
    MemorySegment.copy(values, 0, tensor.segment(), ValueLayout.JAVA_INT, 0, values.length);
    return tensor;
  }

  /** A copy of an array, U8; see {@link #of(float[], long...)}. */
  public static Tensor of(byte[] values, long... shape) {
    Tensor tensor = Elements.sized(values.length, DType.U8, shape);
    MemorySegment.copy(values, 0, tensor.segment(), ValueLayout.JAVA_BYTE, 0, values.length);
    return tensor;
  }

  /** A copy of an array, BOOL; see {@link #of(float[], long...)}. */
  public static Tensor of(boolean[] values, long... shape) {
    Tensor tensor = Elements.sized(values.length, DType.BOOL, shape);
    MemorySegment to = tensor.segment();
    for (int i = 0; i < values.length; i++) {
      to.set(ValueLayout.JAVA_BYTE, i, (byte) (values[i] ? 1 : 0));
    }
    return tensor;
  }

  /**
   * A tensor over memory that is already there, without a copy: what one writes the other reads.
   * The caller keeps the memory alive for as long as this tensor, a view of it, or a graph of
   * gradients that passed through it lives.
   *
   * @param memory native, aligned to an element, at least as large as the shape needs
   */
  public static Tensor over(MemorySegment memory, DType type, long... shape) {
    long bytes = Math.multiplyExact(Shapes.numel(shape), type.bytes());
    if (!memory.isNative() || memory.byteSize() < bytes || memory.address() % type.bytes() != 0) {
      throw new TensorException(
          "a tensor of %s %s needs %,d aligned bytes of native memory, not %s"
              .formatted(type, Shapes.text(shape), bytes, memory));
    }
    return Native.nullary(
        "over", () -> torch.from_blob(new Address(memory.address()), shape, Native.options(type)));
  }

  /** A pointer that owns nothing. */
  private static final class Address extends Pointer {
    Address(long address) {
      this.address = address;
    }
  }

  /** Along a dimension that they have; the others are alike. */
  public static Tensor cat(List<Tensor> tensors, long dim) {
    return joined("cat", tensors, all -> torch.cat(all, dim));
  }

  /** Along a new dimension; all shapes are alike. */
  public static Tensor stack(List<Tensor> tensors, long dim) {
    return joined("stack", tensors, all -> torch.stack(all, dim));
  }

  private static Tensor joined(
      String op,
      List<Tensor> tensors,
      java.util.function.Function<TensorVector, org.bytedeco.pytorch.Tensor> f) {
    if (tensors.isEmpty()) throw new TensorException(op + " needs at least one tensor");
    try (TensorVector all = Native.vector(tensors)) {
      return new Tensor(f.apply(all));
    } catch (RuntimeException failure) {
      throw TensorException.of(op, failure, tensors.toArray(Tensor[]::new));
    }
  }

  // Knowing

  public int dim() {
    return (int) n.dim();
  }

  public long[] shape() {
    long[] shape = new long[dim()];
    for (int i = 0; i < shape.length; i++) shape[i] = n.size(i);
    return shape;
  }

  /**
   * @param dim negative from the end
   */
  public long size(int dim) {
    try {
      return n.size(dim);
    } catch (RuntimeException failure) {
      throw TensorException.of("size(" + dim + ")", failure, this);
    }
  }

  public long numel() {
    return n.numel();
  }

  public DType dtype() {
    return DType.of(n.scalar_type());
  }

  public boolean isContiguous() {
    return n.is_contiguous();
  }

  /** Whether shape, type and every element are the same; NaN is not the same as NaN. */
  public boolean sameAs(Tensor other) {
    return dtype() == other.dtype() && Arrays.equals(shape(), other.shape()) && n.equal(other.n);
  }

  /** Whether {@code |this − other| ≤ atol + rtol · |other|} everywhere. */
  public boolean allClose(Tensor other, double rtol, double atol) {
    try {
      return n.allclose(other.n, rtol, atol, false);
    } catch (RuntimeException failure) {
      throw TensorException.of("allClose", failure, this, other);
    }
  }

  // Types and copies

  /** This tensor in another type; a new handle of the same memory if it has that type. */
  public Tensor to(DType type) {
    return Native.unary("to", this, x -> x.to(type.scalarType));
  }

  /** A copy that gradients pass through. */
  public Tensor copy() {
    return Native.unary("copy", this, x -> x.clone());
  }

  /** Overwrites these elements, of whatever type, with another's, broadcast. */
  public Tensor copyFrom(Tensor source) {
    return Native.change("copyFrom", this, source, (x, y) -> x.copy_(y));
  }

  /** From now on this tensor, the same to its users, has another's memory, shape and type. */
  public Tensor setData(Tensor source) {
    try {
      n.set_data(source.n);
      return this;
    } catch (RuntimeException failure) {
      throw TensorException.of("setData", failure, this, source);
    }
  }

  /** The number of a tensor of one element. */
  public double item() {
    try {
      return n.item_double();
    } catch (RuntimeException failure) {
      throw TensorException.of("item", failure, this);
    }
  }

  /** The whole number of a tensor of one element. */
  public long itemLong() {
    try {
      return n.item_long();
    } catch (RuntimeException failure) {
      throw TensorException.of("item", failure, this);
    }
  }

  /** The elements in order, converted. */
  public float[] toFloats() {
    return Elements.as(this, DType.F32, segment -> segment.toArray(ValueLayout.JAVA_FLOAT));
  }

  /** The elements in order, converted. */
  public double[] toDoubles() {
    return Elements.as(this, DType.F64, segment -> segment.toArray(ValueLayout.JAVA_DOUBLE));
  }

  /** The elements in order, converted. */
  public long[] toLongs() {
    return Elements.as(this, DType.I64, segment -> segment.toArray(ValueLayout.JAVA_LONG));
  }

  /** The elements in order, converted. */
  public int[] toInts() {
    return Elements.as(this, DType.I32, segment -> segment.toArray(ValueLayout.JAVA_INT));
  }

  /** The elements in order; what is not zero is true. */
  public boolean[] toBooleans() {
    byte[] bytes = Elements.as(this, DType.BOOL, segment -> segment.toArray(ValueLayout.JAVA_BYTE));
    boolean[] result = new boolean[bytes.length];
    for (int i = 0; i < result.length; i++) result[i] = bytes[i] != 0;
    return result;
  }

  /**
   * The memory of the elements, valid while this tensor is open.
   *
   * @throws TensorException if it is not contiguous
   */
  public MemorySegment segment() {
    return Elements.segment(this);
  }

  // Gradients

  public boolean requiresGrad() {
    return n.requires_grad();
  }

  /** Of a leaf: whether operators on it are recorded and {@link #backward} leaves a gradient. */
  public Tensor requiresGrad(boolean requires) {
    return Native.change("requiresGrad", this, x -> x.requires_grad_(requires));
  }

  public boolean isLeaf() {
    return n.is_leaf();
  }

  /** Whether {@link #backward} left a gradient here. */
  public boolean hasGrad() {
    return n.mutable_grad().defined();
  }

  /**
   * What {@link #backward} left here, a new handle of the same memory.
   *
   * @throws TensorException if there is none
   */
  public Tensor grad() {
    org.bytedeco.pytorch.Tensor grad = n.mutable_grad();
    if (!grad.defined()) {
      throw new TensorException("no gradient has reached this tensor of " + Shapes.text(shape()));
    }
    return Native.copy(grad);
  }

  /** Replaces the gradient by one of the same shape and type. */
  public void grad(Tensor grad) {
    Autograd.setGrad(this, grad);
  }

  /** Forgets the gradient and frees its memory. */
  public void zeroGrad() {
    n.mutable_grad().reset();
  }

  /** Adds to each leaf's gradient that of this scalar, and frees the graph. */
  public void backward() {
    try {
      n.backward();
    } catch (RuntimeException failure) {
      throw TensorException.of("backward", failure, this);
    }
  }

  /**
   * Adds to each leaf's gradient that of {@code (this · gradient).sum()}, and frees the graph.
   *
   * @param gradient of this shape
   */
  public void backward(Tensor gradient) {
    Autograd.backward(List.of(this), List.of(gradient), false);
  }

  /** The same memory without a history. */
  public Tensor detach() {
    return Native.unary("detach", this, x -> x.detach());
  }

  /** Replaces, during {@link #backward}, the gradient that arrives here. */
  public void onGradient(UnaryOperator<Tensor> hook) {
    Autograd.hook(this, hook);
  }

  // Life

  /** Takes it out of all scopes: it then lives until {@link #close}, or while it is reachable. */
  public Tensor keep() {
    if (scope != null) scope.release(this);
    return this;
  }

  public boolean isClosed() {
    return n.isNull();
  }

  /** Frees this handle now; safe to call twice. */
  @Override
  public void close() {
    n.deallocate();
  }

  /**
   * The first result of any operator of libtorch, for those the facade has no method for.
   *
   * @param operator e.g. {@code aten::hypot}; arguments as {@link Dispatch#call} takes them
   */
  public static Tensor call(String operator, @Nullable Object... arguments) {
    List<@Nullable Object> results = Dispatch.call(operator, arguments);
    if (!results.isEmpty() && results.getFirst() instanceof Tensor tensor) return tensor;
    throw new TensorException(operator + " gives no tensor; use Dispatch.call");
  }

  /**
   * libtorch's own tensor, for what the facade and {@link Dispatch} lack; it ends with this one.
   */
  public org.bytedeco.pytorch.Tensor nativeTensor() {
    return n;
  }

  /** Type and shape, and the elements of a small one. */
  @Override
  public String toString() {
    if (isClosed()) return "Tensor(closed)";
    return "Tensor(" + dtype() + " " + Shapes.text(shape()) + Elements.text(this) + ")";
  }
}
