package io.otium.lm.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorDataTest {
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"U8", "BOOL"})
  void everyGgufTypeDecodesToTheReferencesNumbers(TensorType type) throws Exception {
    try (var gguf = GgufFile.open(ReferenceFiles.GGUF);
        var expected = SafetensorsFile.open(ReferenceFiles.SAFETENSORS)) {
      TensorData tensor = gguf.require(type.name());

      assertThat(tensor.type()).isEqualTo(type);
      assertThat(tensor.shape()).containsExactly(2, 256);
      assertThat(tensor.floats()).containsExactly(expected.require(type.name()).floats());
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"U8", "BOOL"})
  void aRangeIsTheSameAsThatPartOfTheWhole(TensorType type) throws Exception {
    try (var gguf = GgufFile.open(ReferenceFiles.GGUF)) {
      TensorData tensor = gguf.require(type.name());
      float[] all = tensor.floats();
      for (int count : new int[] {0, 1, 31, 33, 256}) {
        float[] part = new float[300];

        tensor.copyFloats(256, part, 7, count);

        assertThat(Arrays.copyOfRange(part, 7, 7 + count))
            .containsExactly(Arrays.copyOfRange(all, 256, 256 + count));
        assertThat(part[7 + count]).isZero();
      }
    }
  }

  @Test
  void aRangeMustBeginOnABlockAndStayInside() {
    var tensor =
        new TensorData("w", TensorType.Q8_0, new long[] {64}, MemorySegment.ofArray(new byte[68]));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> tensor.copyFloats(16, new float[16], 0, 16))
        .withMessage("element 16 of 'w' is inside a block; Q8_0 blocks start at multiples of 32");
    assertThatThrownBy(() -> tensor.copyFloats(32, new float[64], 0, 33))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void bytesAndShapeMustAgree() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new TensorData(
                    "w", TensorType.F32, new long[] {3}, MemorySegment.ofArray(new byte[8])))
        .withMessage("tensor 'w' has 8 bytes; F32 [3] needs 12");
  }

  @Test
  void aScalarHasOneElement() {
    assertThat(TensorData.of("s", new long[0], new float[] {5}).floats()).containsExactly(5);
  }

  @Test
  void validationNamesTheFirstElementThatIsNotFinite() {
    float[] numbers = new float[9000];
    numbers[8500] = Float.NaN;

    assertThatThrownBy(() -> TensorData.of("w", new long[] {9000}, numbers).validate())
        .isInstanceOf(FormatException.class)
        .hasMessage("tensor 'w' (F32): element 8500 is NaN; allowed are finite numbers");
  }

  @ParameterizedTest
  @EnumSource(names = {"Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "IQ4_NL"})
  void validationRejectsAScaleThatIsNotFinite(TensorType type) {
    for (short scale : new short[] {0x7C00, 0x7E00}) { // infinity, NaN
      byte[] block = new byte[type.blockBytes()];
      Arrays.fill(block, (byte) 0x11);
      LittleEndian.putShort(block, 0, scale);
      var tensor =
          new TensorData("w", type, new long[] {type.blockSize()}, MemorySegment.ofArray(block));

      assertThatThrownBy(tensor::validate).isInstanceOf(FormatException.class);
    }
  }
}
