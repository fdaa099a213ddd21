package io.otium.core.checkpoint;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The lean state as bytes: CBOR, which keeps longs, byte arrays and NaN. */
final class LeanState {
  private static final ObjectMapper CBOR =
      new ObjectMapper(
          CBORFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
              .build());

  private LeanState() {}

  static byte[] encode(Map<String, Object> lean) {
    try {
      return CBOR.writeValueAsBytes(lean);
    } catch (IOException e) {
      throw new CheckpointException(
          "the state's plain values cannot be encoded: " + CheckpointException.reason(e), e);
    }
  }

  /**
   * The state tree again: numbers as Long or Double, each placeholder replaced.
   *
   * @param tensor the tensor of a key
   * @throws CheckpointException if the bytes are no lean state
   */
  static Map<String, Object> decode(byte[] bytes, Function<String, StateTensor> tensor) {
    try {
      Map<String, Object> lean = CBOR.readValue(bytes, new TypeReference<>() {});
      return restoreMap(lean, tensor);
    } catch (IOException e) {
      throw new CheckpointException(
          "its plain values are no CBOR: " + CheckpointException.reason(e), e);
    }
  }

  private static Map<String, Object> restoreMap(
      Map<?, ?> lean, Function<String, StateTensor> tensor) {
    Map<String, Object> state = new LinkedHashMap<>();
    lean.forEach((key, value) -> put(state, String.valueOf(key), restore(value, tensor)));
    return state;
  }

  @SuppressWarnings("NullAway") // null is a value of the state
  private static void put(Map<String, Object> state, String key, @Nullable Object value) {
    state.put(key, value);
  }

  private static @Nullable Object restore(
      @Nullable Object value, Function<String, StateTensor> tensor) {
    return switch (value) {
      case null -> null;
      case Map<?, ?> map -> restoreMap(map, tensor);
      case List<?> list -> restoreList(list, tensor);
      case String text when StateKeys.isPlaceholder(text) -> tensor.apply(StateKeys.key(text));
      case Integer number -> (long) number;
      case Float number -> (double) number;
      default -> value;
    };
  }

  @SuppressWarnings("NullAway") // null is a value of the state
  private static List<Object> restoreList(List<?> lean, Function<String, StateTensor> tensor) {
    List<Object> state = new ArrayList<>();
    for (Object item : lean) {
      state.add(restore(item, tensor));
    }
    return state;
  }
}
