package io.otium.lm.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;

/** Whatever happens to a file, reading it works or throws FormatException. */
class HostileFileProperties {
  private static final int TRIES = 500;
  private static final String SEED = "20261125";

  /** Values that break arithmetic more often than random ones. */
  private static final long[] NASTY = {
    0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 60, 1L << 32, Integer.MAX_VALUE, 0xFFFF_FFFFL
  };

  private static final byte[] GGUF = ReferenceFiles.bytes(ReferenceFiles.GGUF);
  private static final byte[] SAFETENSORS = ReferenceFiles.bytes(ReferenceFiles.SAFETENSORS);
  private static final int GGUF_HEADER = 2048;
  private static final int SAFETENSORS_HEADER = 2600;

  private Path file = Path.of("");

  @BeforeProperty
  void createFile() throws IOException {
    file = Files.createTempFile("otium-hostile", ".bin");
  }

  @AfterProperty
  void deleteFile() throws IOException {
    Files.delete(file);
  }

  @Property(tries = TRIES, seed = SEED)
  void ggufWithBytesChanged(@ForAll long seed, @ForAll @IntRange(min = 1, max = 8) int changes)
      throws IOException {
    read(mutate(GGUF, GGUF_HEADER, changes, seed));
  }

  @Property(tries = TRIES, seed = SEED)
  void safetensorsWithBytesChanged(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 8) int changes) throws IOException {
    read(mutate(SAFETENSORS, SAFETENSORS_HEADER, changes, seed));
  }

  @Property(tries = TRIES / 2, seed = SEED)
  void ggufCutShort(@ForAll @IntRange(min = 0, max = 21_000) int length) throws IOException {
    read(Arrays.copyOf(GGUF, length));
  }

  @Property(tries = TRIES / 2, seed = SEED)
  void safetensorsCutShort(@ForAll @IntRange(min = 0, max = 47_000) int length) throws IOException {
    read(Arrays.copyOf(SAFETENSORS, length));
  }

  @Property(tries = TRIES / 2, seed = SEED)
  void anIndexOfAnything(@ForAll List<Byte> bytes) throws IOException {
    byte[] json = new byte[bytes.size()];
    for (int i = 0; i < json.length; i++) json[i] = bytes.get(i);
    try {
      SafetensorsHeader.readIndex(file, json);
    } catch (FormatException refused) {
      // as it should
    }
  }

  private void read(byte[] bytes) throws IOException {
    Files.write(file, bytes);
    for (Opener opener : List.<Opener>of(GgufFile::open, SafetensorsFile::open)) {
      try (TensorSource source = opener.open(file)) {
        assertThat(source.metadata().toString()).isNotNull(); // decodes every lazy string
        source.validate();
      } catch (FormatException refused) {
        // as it should
      }
    }
  }

  private interface Opener {
    TensorSource open(Path path) throws IOException;
  }

  private static byte[] mutate(byte[] original, int header, int changes, long seed) {
    byte[] bytes = original.clone();
    RandomGenerator random = RandomGeneratorFactory.getDefault().create(seed);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(header);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> LittleEndian.putLong(bytes, at, NASTY[random.nextInt(NASTY.length)]);
        default -> {
          int length = random.nextInt(64);
          System.arraycopy(original, random.nextInt(header), bytes, at, length);
        }
      }
    }
    return bytes;
  }
}
