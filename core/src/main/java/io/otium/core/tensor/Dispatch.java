package io.otium.core.tensor;

import io.otium.core.torch.LibTorch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Argument;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch.TypeKind;
import org.jspecify.annotations.Nullable;

/**
 * Any operator of libtorch by name, for those the facade has no method for. Slower than a method by
 * some microseconds.
 */
public final class Dispatch {
  private static final ConcurrentMap<String, OperatorHandle> HANDLES = new ConcurrentHashMap<>();

  private Dispatch() {}

  /**
   * Calls an operator.
   *
   * @param operator e.g. {@code aten::hypot} or, with its overload, {@code aten::add.Tensor}
   * @param arguments by place, those that can only be named in Python after the others; fewer leave
   *     the rest at their defaults. {@link Tensor}, numbers, {@code Boolean}, {@code String},
   *     {@link DType}, {@link RandomStream}, lists of these, {@code long[]}, {@code double[]}, or
   *     null
   * @return {@code Tensor}, {@code Double}, {@code Long}, {@code Boolean}, {@code String}, lists of
   *     these, or null
   * @throws TensorException if there is no such operator, or it does not take these arguments
   */
  public static List<@Nullable Object> call(String operator, @Nullable Object... arguments) {
    OperatorHandle handle = HANDLES.computeIfAbsent(operator, Dispatch::find);
    try (PointerScope _ = new PointerScope()) {
      Argument parameters = handle.schema().arguments();
      int count = Math.toIntExact(parameters.limit() - parameters.position());
      if (arguments.length > count) {
        throw new TensorException(
            "%s takes %d arguments, not %d".formatted(operator, count, arguments.length));
      }
      IValueVector stack = new IValueVector();
      for (int i = 0; i < count; i++) {
        Argument parameter = parameters.getPointer(i);
        stack.push_back(
            i < arguments.length
                ? given(operator, parameter, arguments[i])
                : byDefault(operator, parameter));
      }
      Dispatcher.singleton().callBoxed(handle, stack);
      List<@Nullable Object> results = new ArrayList<>();
      for (long i = 0; i < stack.size(); i++) results.add(result(operator, stack.get(i)));
      return results;
    } catch (RuntimeException failure) {
      List<Tensor> tensors = new ArrayList<>();
      for (Object argument : arguments) if (argument instanceof Tensor t) tensors.add(t);
      throw TensorException.of(operator, failure, tensors.toArray(Tensor[]::new));
    }
  }

  private static OperatorHandle find(String operator) {
    try {
      return LibTorch.operator(operator);
    } catch (IllegalStateException missing) {
      throw new TensorException(
          "there is no operator %s; names are as aten::add.Tensor".formatted(operator));
    }
  }

  private static IValue byDefault(String operator, Argument parameter) {
    var value = parameter.default_value();
    if (!value.has_value()) {
      throw new TensorException(operator + " needs the argument " + parameter.name().getString());
    }
    return new IValue(value.get());
  }

  private static IValue given(String operator, Argument parameter, @Nullable Object value) {
    IValue converted = convert(parameter.type().get(), value);
    if (converted == null) {
      throw new TensorException(
          "%s takes as %s a %s, not %s"
              .formatted(
                  operator,
                  parameter.name().getString(),
                  parameter.type().get().str().getString(),
                  value == null ? "null" : value.getClass().getSimpleName()));
    }
    return converted;
  }

  /** Null if this type has no such value. */
  private static @Nullable IValue convert(Type type, @Nullable Object value) {
    TypeKind kind = type.kind().intern();
    if (kind == TypeKind.OptionalType) {
      return value == null ? new IValue() : convert(type.containedType(0).get(), value);
    }
    if (kind == TypeKind.ListType) return convertList(type, value);
    return switch (value) {
      case Tensor tensor when kind == TypeKind.TensorType -> new IValue(tensor.n);
      case Boolean truth when kind == TypeKind.BoolType -> new IValue((boolean) truth);
      case String text when kind == TypeKind.StringType -> new IValue(text);
      case DType dtype when isInteger(kind) -> new IValue((long) dtype.scalarType.value);
      case RandomStream stream when kind == TypeKind.GeneratorType ->
          new IValue(stream.generator().get());
      case Number number when kind == TypeKind.FloatType -> new IValue(number.doubleValue());
      case Integer number when isInteger(kind) || kind == TypeKind.NumberType ->
          new IValue(number.longValue());
      case Long number when isInteger(kind) || kind == TypeKind.NumberType ->
          new IValue((long) number);
      case Number number when kind == TypeKind.NumberType -> new IValue(number.doubleValue());
      case null, default -> null;
    };
  }

  private static boolean isInteger(TypeKind kind) {
    return kind == TypeKind.IntType || kind == TypeKind.SymIntType;
  }

  private static @Nullable IValue convertList(Type type, @Nullable Object value) {
    List<?> elements =
        switch (value) {
          case List<?> list -> list;
          case long[] longs -> LongStream.of(longs).boxed().toList();
          case double[] doubles -> DoubleStream.of(doubles).boxed().toList();
          case null, default -> null;
        };
    if (elements == null) return null;
    var elementType = type.containedType(0);
    GenericList list = new GenericList(elementType);
    for (Object element : elements) {
      IValue converted = convert(elementType.get(), element);
      if (converted == null) return null;
      list.push_back(converted);
    }
    return new IValue(list);
  }

  private static @Nullable Object result(String operator, IValue value) {
    if (value.isNone()) return null;
    if (value.isTensor()) {
      var n = new org.bytedeco.pytorch.Tensor(value.toTensor());
      if (!n.defined()) return null;
      n.retainReference(); // outlives the PointerScope
      return new Tensor(n);
    }
    if (value.isDouble()) return value.toDouble();
    if (value.isInt()) return value.toInt();
    if (value.isBool()) return value.toBool();
    if (value.isString()) return value.toStringRef().getString();
    if (value.isList()) {
      GenericList list = value.toList();
      List<@Nullable Object> results = new ArrayList<>();
      for (long i = 0; i < list.size(); i++) results.add(result(operator, list.get(i)));
      return results;
    }
    throw new TensorException(operator + " gives what Otium has no type for");
  }
}
