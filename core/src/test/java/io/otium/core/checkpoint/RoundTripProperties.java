package io.otium.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class RoundTripProperties {
  @Provide
  Arbitrary<Map<String, Object>> states() {
    return map(value(3));
  }

  private static Arbitrary<Object> value(int depth) {
    Arbitrary<Object> leaf =
        Arbitraries.oneOf(
            Arbitraries.longs().map(Object.class::cast),
            Arbitraries.doubles().map(Object.class::cast),
            Arbitraries.of(true, false, Double.NaN, Double.NEGATIVE_INFINITY, "null", "ü|x"),
            Arbitraries.strings().ofMaxLength(5).map(Object.class::cast),
            Arbitraries.bytes().array(byte[].class).ofMaxSize(9).map(Object.class::cast),
            tensors().map(Object.class::cast));
    if (depth == 0) {
      return leaf.injectNull(0.1);
    }
    return Arbitraries.frequencyOf(
        net.jqwik.api.Tuple.of(3, leaf),
        net.jqwik.api.Tuple.of(1, value(depth - 1).list().ofMaxSize(4).map(Object.class::cast)),
        net.jqwik.api.Tuple.of(1, map(value(depth - 1)).map(Object.class::cast)));
  }

  private static Arbitrary<Map<String, Object>> map(Arbitrary<Object> values) {
    Arbitrary<String> keys =
        Arbitraries.strings().withCharRange('0', '9').withChars("abé. ").ofMaxLength(3);
    return Arbitraries.maps(keys, values).ofMaxSize(5).map(LinkedHashMap::new);
  }

  private static Arbitrary<StateTensor> tensors() {
    return Arbitraries.of(StateType.values())
        .flatMap(
            type ->
                Arbitraries.longs()
                    .between(0, 3)
                    .list()
                    .ofMaxSize(3)
                    .flatMap(shape -> tensor(type, shape)));
  }

  private static Arbitrary<StateTensor> tensor(StateType type, List<Long> shape) {
    int size = (int) shape.stream().reduce(1L, (a, b) -> a * b).longValue() * type.bytes();
    return Arbitraries.bytes()
        .array(byte[].class)
        .ofSize(size)
        .map(bytes -> StateTensor.of(type, shape, MemorySegment.ofArray(bytes)));
  }

  @Property(tries = 300)
  void restoresAnyState(@ForAll("states") Map<String, Object> state) {
    ParsedState parsed = ParsedState.of(state);
    EncodedState encoded = EncodedState.of(parsed.tensors(), parsed.lean());
    byte[] file = new byte[(int) encoded.length()];
    MemorySegment bytes = MemorySegment.ofArray(file);
    System.arraycopy(encoded.header(), 0, file, 0, encoded.header().length);
    long at = encoded.header().length;
    for (StateTensor tensor : parsed.tensors().values()) {
      MemorySegment.copy(tensor.contiguousData(), 0, bytes, at, tensor.bytes());
      at += tensor.bytes();
    }
    System.arraycopy(encoded.lean(), 0, file, (int) at, encoded.lean().length);
    LoadedShard shard = new LoadedShard();
    shard.addState(Path.of("memory"), bytes);
    assertThat(States.plain(shard.state())).isEqualTo(States.plain(state));
  }
}
