package io.otium.core.tensor;

import io.otium.core.torch.LibTorch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.jspecify.annotations.Nullable;

/**
 * How the facade calls libtorch: with few objects (a call costs about a microsecond, half of it for
 * each native object made), and with C++ exceptions turned into {@link TensorException}.
 */
final class Native {
  /** What a method of {@link Tensor} does to libtorch's own. */
  @FunctionalInterface
  interface Unary {
    org.bytedeco.pytorch.Tensor apply(org.bytedeco.pytorch.Tensor x);
  }

  @FunctionalInterface
  interface Binary {
    org.bytedeco.pytorch.Tensor apply(org.bytedeco.pytorch.Tensor x, org.bytedeco.pytorch.Tensor y);
  }

  @FunctionalInterface
  interface WithScalar {
    org.bytedeco.pytorch.Tensor apply(org.bytedeco.pytorch.Tensor x, Scalar s);
  }

  @FunctionalInterface
  interface Twofold {
    T_TensorTensor_T apply(org.bytedeco.pytorch.Tensor x);
  }

  @FunctionalInterface
  interface Nullary {
    org.bytedeco.pytorch.Tensor apply();
  }

  @FunctionalInterface
  interface Manifold {
    TensorVector apply(org.bytedeco.pytorch.Tensor x);
  }

  /** A scalar that was made before; scalars never change. */
  private record Known(long bits, boolean whole, Scalar scalar) {}

  private static final int SCALARS = 1024;
  private static final AtomicReferenceArray<@Nullable Known> KNOWN =
      new AtomicReferenceArray<>(SCALARS);

  static final TensorOptional NO_TENSOR;
  static final ScalarTypeOptional NO_DTYPE;
  static final DoubleOptional NO_DOUBLE;
  static final LongOptional NO_LONG;
  static final ScalarOptional NO_SCALAR;
  static final BoolOptional NO_BOOL;
  static final BoolOptional TRUE;
  static final MemoryFormatOptional NO_FORMAT;
  private static final TensorOptions[] OPTIONS = new TensorOptions[DType.CODES];

  static {
    LibTorch.require();
    NO_TENSOR = lasting(new TensorOptional());
    NO_DTYPE = lasting(new ScalarTypeOptional());
    NO_DOUBLE = lasting(new DoubleOptional());
    NO_LONG = lasting(new LongOptional());
    NO_SCALAR = lasting(new ScalarOptional());
    NO_BOOL = lasting(new BoolOptional());
    TRUE = lasting(new BoolOptional(true));
    NO_FORMAT = lasting(new MemoryFormatOptional());
    for (DType type : DType.values()) {
      OPTIONS[type.scalarType.value] = lasting(new TensorOptions(type.scalarType));
    }
  }

  private Native() {}

  /** Keeps a native object alive whatever PointerScope is open now. */
  static <P extends Pointer> P lasting(P pointer) {
    pointer.retainReference();
    return pointer;
  }

  static TensorOptions options(DType type) {
    return OPTIONS[type.scalarType.value];
  }

  /** An integer for a whole number on a tensor of integers, so that those stay integers. */
  static Scalar scalar(org.bytedeco.pytorch.Tensor on, double value) {
    return scalar(value, value == Math.rint(value) && !on.is_floating_point());
  }

  static Scalar scalar(double value) {
    return scalar(value, false);
  }

  private static Scalar scalar(double value, boolean whole) {
    long bits = Double.doubleToRawLongBits(value);
    int place = (int) ((bits * 0x9E3779B97F4A7C15L) >>> 54);
    Known known = KNOWN.get(place);
    if (known == null || known.bits != bits || known.whole != whole) {
      Scalar made = lasting(whole ? new Scalar((long) value) : new Scalar(value));
      known = new Known(bits, whole, made);
      KNOWN.set(place, known);
    }
    return known.scalar;
  }

  static Tensor nullary(String op, Nullary f) {
    try {
      return new Tensor(f.apply());
    } catch (RuntimeException failure) {
      throw TensorException.of(op, failure);
    }
  }

  static Tensor unary(String op, TensorOps x, Unary f) {
    try {
      return new Tensor(f.apply(n(x)));
    } catch (RuntimeException failure) {
      throw TensorException.of(op, failure, (Tensor) x);
    }
  }

  static Tensor binary(String op, TensorOps x, Tensor y, Binary f) {
    try {
      return new Tensor(f.apply(n(x), y.n));
    } catch (RuntimeException failure) {
      throw TensorException.of(op, failure, (Tensor) x, y);
    }
  }

  static Tensor withScalar(String op, TensorOps x, double value, WithScalar f) {
    try {
      return new Tensor(f.apply(n(x), scalar(n(x), value)));
    } catch (RuntimeException failure) {
      throw TensorException.of(op, failure, (Tensor) x);
    }
  }

  /** For an operator that changes {@code x} and gives it back. */
  static Tensor change(String op, TensorOps x, Unary f) {
    try {
      f.apply(n(x));
      return (Tensor) x;
    } catch (RuntimeException failure) {
      throw TensorException.of(op, failure, (Tensor) x);
    }
  }

  static Tensor change(String op, TensorOps x, Tensor y, Binary f) {
    try {
      f.apply(n(x), y.n);
      return (Tensor) x;
    } catch (RuntimeException failure) {
      throw TensorException.of(op, failure, (Tensor) x, y);
    }
  }

  static Tensor changeBy(String op, TensorOps x, double value, WithScalar f) {
    try {
      f.apply(n(x), scalar(n(x), value));
      return (Tensor) x;
    } catch (RuntimeException failure) {
      throw TensorException.of(op, failure, (Tensor) x);
    }
  }

  /** For an operator of several tensors, named in its message. */
  static Tensor of(String op, Nullary f, @Nullable Tensor... on) {
    try {
      return new Tensor(f.apply());
    } catch (RuntimeException failure) {
      throw TensorException.of(op, failure, on);
    }
  }

  static ValuesIndices twofold(String op, TensorOps x, Twofold f) {
    try (T_TensorTensor_T both = f.apply(n(x))) {
      return new ValuesIndices(copy(both.get0()), copy(both.get1()));
    } catch (RuntimeException failure) {
      throw TensorException.of(op, failure, (Tensor) x);
    }
  }

  static List<Tensor> manifold(String op, TensorOps x, Manifold f) {
    try (TensorVector all = f.apply(n(x))) {
      return list(all);
    } catch (RuntimeException failure) {
      throw TensorException.of(op, failure, (Tensor) x);
    }
  }

  static List<Tensor> list(TensorVector all) {
    int size = Math.toIntExact(all.size());
    List<Tensor> result = new ArrayList<>(size);
    for (int i = 0; i < size; i++) result.add(copy(all.get(i)));
    return result;
  }

  /** Of a handle that lies within another native object. */
  static Tensor copy(org.bytedeco.pytorch.Tensor inside) {
    return new Tensor(new org.bytedeco.pytorch.Tensor(inside));
  }

  /** To be closed by the caller. */
  static TensorVector vector(List<Tensor> tensors) {
    var natives = new org.bytedeco.pytorch.Tensor[tensors.size()];
    for (int i = 0; i < natives.length; i++) natives[i] = tensors.get(i).n;
    return new TensorVector(natives);
  }

  /** To be given back by {@link #release}. */
  static TensorOptional optional(@Nullable Tensor tensor) {
    return tensor == null ? NO_TENSOR : new TensorOptional(tensor.n);
  }

  static void release(TensorOptional optional) {
    if (optional != NO_TENSOR) optional.close();
  }

  static org.bytedeco.pytorch.Tensor n(TensorOps x) {
    return ((Tensor) x).n;
  }
}
