package io.otium.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ParsedStateTest {
  private static final StateTensor TENSOR = States.floats(1, 2);

  @Test
  void walksDepthFirstInOrder() {
    Map<String, Object> inner = new LinkedHashMap<>();
    inner.put("w", TENSOR);
    inner.put("b", TENSOR);
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("z", inner);
    state.put("a", List.of(7, TENSOR, Map.of("0", TENSOR)));
    ParsedState parsed = ParsedState.of(state);
    assertThat(parsed.tensors().keySet()).containsExactly("z|w", "z|b", "a|1", "a|2|0");
    assertThat(parsed.bytes()).isEqualTo(32);
    assertThat(parsed.lean())
        .isEqualTo(
            Map.of(
                "z",
                Map.of("w", "TENSOR|z|w", "b", "TENSOR|z|b"),
                "a",
                List.of(7L, "TENSOR|a|1", Map.of("0", "TENSOR|a|2|0"))));
  }

  @Test
  void copiesWhatTheCallerMayChange() {
    byte[] bytes = {1};
    List<Object> list = new ArrayList<>(List.of(bytes));
    ParsedState parsed = ParsedState.of(Map.of("l", list));
    bytes[0] = 2;
    list.add("more");
    assertThat(States.plain(parsed.lean())).isEqualTo(Map.of("l", List.of("01")));
  }

  @Test
  void copiesEagerTensorsAndViewsAtOnce() {
    float[] memory = {1, 2, 3, 4, 5, 6};
    StateTensor column =
        new StateTensor(
            StateType.F32,
            List.of(3L),
            List.of(2L),
            MemorySegment.ofArray(memory),
            StateTensor.Capture.LAZY,
            null);
    StateTensor eager = States.floats(memory).withCapture(StateTensor.Capture.EAGER);
    ParsedState parsed = ParsedState.of(new LinkedHashMap<>(Map.of("c", column, "e", eager)));
    memory[0] = 9;
    assertThat(column.isContiguous()).isFalse();
    assertThat(States.content(States.tensor(parsed.tensors(), "c")))
        .isEqualTo(States.content(States.floats(1, 3, 5)));
    assertThat(States.content(States.tensor(parsed.tensors(), "e")))
        .isEqualTo(States.content(States.floats(1, 2, 3, 4, 5, 6)));
  }

  @Test
  void refusesWhatAFileCannotHold() {
    refused(Map.of("a|b", 1), "the state has the key \"a|b\"; keys must not contain \"|\"");
    refused(
        Map.of("m", Map.of("datastates_metadata", 1)),
        "the state's m has the key \"datastates_metadata\", which the file format keeps for"
            + " itself");
    refused(
        Map.of("t", List.of("TENSOR|x")),
        "the state's t|0 is a text that begins with \"TENSOR|\", which stands for tensors");
    refused(
        Map.of("n", Map.of("i", BigInteger.ONE)),
        "the state's n|i is a BigInteger; a state holds maps, lists, tensors,");
    refused(Map.of("m", Map.of(3, 1)), "the state's m has the key 3; keys are strings");
    Map<String, Object> nullKey = new HashMap<>();
    nullKey.put(null, 1);
    refused(nullKey, "the state has the key null; keys are strings");
  }

  @Test
  @SuppressWarnings({"StringCopy", "IdentityHashMapUsage"}) // two equal keys are the point
  void refusesAKeyThatIsThereTwice() {
    Map<String, Object> twice = new IdentityHashMap<>();
    twice.put(new String("w"), TENSOR);
    twice.put(new String("w"), TENSOR);
    refused(twice, "the state has the key \"w\" twice; keys are unique");
  }

  @Test
  void refusesAStateThatContainsItself() {
    List<Object> list = new ArrayList<>();
    list.add(list);
    refused(Map.of("l", list), "the state is nested deeper than 200 levels");
  }

  @Test
  void tellsEmptyKeysApart() {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("", Map.of("a", TENSOR));
    state.put("a", TENSOR);
    assertThat(ParsedState.of(state).tensors().keySet()).containsExactly("|a", "a");
  }

  @Test
  void refusesATensorBeyondItsMemory() {
    assertThatThrownBy(
            () ->
                StateTensor.of(StateType.F32, List.of(2L, 2L), MemorySegment.ofArray(new byte[8])))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("a tensor of F32 [2, 2] with strides [2, 1] needs 16 bytes, not 8");
    assertThatThrownBy(
            () -> StateTensor.of(StateType.F32, List.of(-1L), MemorySegment.ofArray(new byte[8])))
        .hasMessageContaining("sizes and strides of at least 0");
  }

  private static void refused(Map<String, ?> state, String message) {
    assertThatThrownBy(() -> ParsedState.of(state))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(message);
  }
}
