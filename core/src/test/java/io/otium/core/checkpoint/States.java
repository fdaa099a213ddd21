package io.otium.core.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** States for tests. */
final class States {
  private States() {}

  static StateTensor floats(float... values) {
    return StateTensor.of(
        StateType.F32, List.of((long) values.length), MemorySegment.ofArray(values));
  }

  static StateTensor bytes(byte[] values) {
    return StateTensor.of(
        StateType.U8, List.of((long) values.length), MemorySegment.ofArray(values));
  }

  /** Random floats, none of them NaN. */
  static StateTensor random(long seed, int count) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat();
    }
    return floats(values);
  }

  /** The tensor at a path of keys and indices. */
  static StateTensor tensor(Object tree, Object... path) {
    return (StateTensor) at(tree, path);
  }

  static Object at(Object tree, Object... path) {
    Object at = tree;
    for (Object step : path) {
      Object next = at instanceof Map<?, ?> map ? map.get(step) : ((List<?>) at).get((int) step);
      at = Objects.requireNonNull(next);
    }
    return at;
  }

  static byte[] content(StateTensor tensor) {
    return tensor.contiguousData().toArray(ValueLayout.JAVA_BYTE);
  }

  static String sha(StateTensor tensor) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content(tensor)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** A tree with each tensor replaced by type, shape and bytes, to be compared. */
  static Object plain(Object value) {
    return switch (value) {
      case null -> "null";
      case StateTensor tensor ->
          List.of(tensor.type(), tensor.shape(), HexFormat.of().formatHex(content(tensor)));
      case Map<?, ?> map -> {
        Map<Object, Object> plain = new LinkedHashMap<>();
        map.forEach((key, item) -> plain.put(key, plain(item)));
        yield plain;
      }
      case List<?> list -> list.stream().map(States::plain).toList();
      case Integer number -> (long) number;
      case byte[] bytes -> HexFormat.of().formatHex(bytes);
      default -> value;
    };
  }
}
