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
  private static final ConcurrentMap<String, Signature> SIGNATURES = new ConcurrentHashMap<>();

  private Dispatch() {}

  /**
   * An operator and what it takes, read once: asking libtorch at each call takes longer than it.
   */
  private record Signature(OperatorHandle handle, List<Parameter> parameters) {
    static Signature find(String operator) {
      OperatorHandle handle;
      try {
        handle = LibTorch.operator(operator);
      } catch (IllegalStateException missing) {
        throw new TensorException(
            "there is no operator %s; names are as aten::add.Tensor".formatted(operator));
      }
      Argument arguments = handle.schema().arguments();
      List<Parameter> parameters = new ArrayList<>();
      for (long i = 0; i < arguments.limit() - arguments.position(); i++) {
        parameters.add(Parameter.of(arguments.getPointer(i)));
      }
      return new Signature(handle, List.copyOf(parameters));
    }
  }

  /**
   * @param description its type in words
   * @param byDefault null if it must be given
   */
  private record Parameter(String name, String description, Kind kind, @Nullable IValue byDefault) {
    static Parameter of(Argument argument) {
      Type type = argument.type().get();
      var value = argument.default_value();
      return new Parameter(
          argument.name().getString(),
          type.str().getString(),
          Kind.of(type),
          value.has_value() ? Native.lasting(new IValue(value.get())) : null);
    }
  }

  /**
   * @param of what an optional or a list is of, else null
   * @param element libtorch's type of the same
   */
  private record Kind(TypeKind kind, @Nullable Kind of, Type.@Nullable TypePtr element) {
    static Kind of(Type type) {
      TypeKind kind = type.kind().intern();
      if (kind != TypeKind.OptionalType && kind != TypeKind.ListType) {
        return new Kind(kind, null, null);
      }
      Type.TypePtr element = Native.lasting(type.containedType(0));
      return new Kind(kind, of(element.get()), element);
    }
  }

  /**
   * Calls an operator.
   *
   * @param operator e.g. {@code aten::hypot} or, with its overload, {@code aten::add.Tensor}
   * @param arguments by place, those that can only be named in Python after the others; fewer leave
   *     the rest at their defaults. {@link Tensor}, numbers, {@code Boolean}, {@code String},
   *     {@link DType}, {@link RandomStream}, lists of these, {@link TensorList}, {@code long[]},
   *     {@code double[]}, or null
   * @return {@code Tensor}, {@code Double}, {@code Long}, {@code Boolean}, {@code String}, lists of
   *     these, or null
   * @throws TensorException if there is no such operator, or it does not take these arguments
   */
  public static List<@Nullable Object> call(String operator, @Nullable Object... arguments) {
    Signature signature = SIGNATURES.computeIfAbsent(operator, Signature::find);
    List<Parameter> parameters = signature.parameters;
    if (arguments.length > parameters.size()) {
      throw new TensorException(
          "%s takes %d arguments, not %d".formatted(operator, parameters.size(), arguments.length));
    }
    try (PointerScope _ = new PointerScope()) {
      IValueVector stack = new IValueVector();
      for (int i = 0; i < parameters.size(); i++) {
        stack.push_back(
            i < arguments.length
                ? given(operator, parameters.get(i), arguments[i])
                : byDefault(operator, parameters.get(i)));
      }
      Dispatcher.singleton().callBoxed(signature.handle, stack);
      List<@Nullable Object> results = new ArrayList<>();
      for (long i = 0; i < stack.size(); i++) results.add(result(operator, stack.get(i)));
      return results;
    } catch (RuntimeException failure) {
      List<Tensor> tensors = new ArrayList<>();
      for (Object argument : arguments) if (argument instanceof Tensor t) tensors.add(t);
      throw TensorException.of(operator, failure, tensors.toArray(Tensor[]::new));
    }
  }

  private static IValue byDefault(String operator, Parameter parameter) {
    IValue value = parameter.byDefault;
    if (value == null)
      throw new TensorException(operator + " needs the argument " + parameter.name);
    return value;
  }

  private static IValue given(String operator, Parameter parameter, @Nullable Object value) {
    IValue converted = convert(parameter.kind, value);
    if (converted == null) {
      throw new TensorException(
          "%s takes as %s a %s, not %s"
              .formatted(
                  operator,
                  parameter.name,
                  parameter.description,
                  value == null ? "null" : value.getClass().getSimpleName()));
    }
    return converted;
  }

  /** Null if this type has no such value. */
  private static @Nullable IValue convert(Kind type, @Nullable Object value) {
    TypeKind kind = type.kind;
    if (type.of != null && kind == TypeKind.OptionalType) {
      return value == null ? new IValue() : convert(type.of, value);
    }
    if (type.of != null) return convertList(type.of, type.element, value);
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

  private static @Nullable IValue convertList(
      Kind kind, Type.@Nullable TypePtr elementType, @Nullable Object value) {
    if (value instanceof TensorList made) {
      if (elementType == null || kind.kind != TypeKind.TensorType) return null;
      return made.value(elementType);
    }
    List<?> elements =
        switch (value) {
          case List<?> list -> list;
          case long[] longs -> LongStream.of(longs).boxed().toList();
          case double[] doubles -> DoubleStream.of(doubles).boxed().toList();
          case null, default -> null;
        };
    if (elements == null || elementType == null) return null;
    GenericList list = new GenericList(elementType);
    list.reserve(elements.size());
    for (Object element : elements) {
      IValue converted = convert(kind, element);
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
