package io.otium.core.tensor;

import io.otium.core.data.SplitMix64;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * A run's random numbers: independent streams by name (data order, initial values, dropout,
 * sampling, …), all from one seed, so that drawing more from one leaves the others as they are.
 */
public final class Randomness {
  /** Names that the parts of Otium use. */
  public static final String DATA_ORDER = "data-order";

  public static final String INIT = "init";
  public static final String DROPOUT = "dropout";
  public static final String SAMPLING = "sampling";

  private final long seed;
  private final Map<String, RandomStream> streams = new TreeMap<>();

  public Randomness(long seed) {
    this.seed = seed;
  }

  public long seed() {
    return seed;
  }

  /** The stream of a name, always the same one. */
  public synchronized RandomStream stream(String name) {
    return streams.computeIfAbsent(name, n -> new RandomStream(seedOf(n)));
  }

  private long seedOf(String name) {
    var crc = new CRC32C();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    long hash = crc.getValue() << 32 | (name.hashCode() & 0xFFFFFFFFL);
    return SplitMix64.mix(SplitMix64.mix(seed) ^ hash);
  }

  /** The state of every stream drawn from so far, by name. */
  public synchronized Map<String, byte[]> state() {
    Map<String, byte[]> state = new TreeMap<>();
    streams.forEach((name, stream) -> state.put(name, stream.state()));
    return state;
  }

  /** Goes on from what {@link #state} gave; streams that it does not name begin anew. */
  public synchronized void restore(Map<String, byte[]> state) {
    streams.forEach(
        (name, stream) -> {
          if (!state.containsKey(name)) stream.restore(new RandomStream(seedOf(name)).state());
        });
    state.forEach((name, bytes) -> stream(name).restore(bytes));
  }
}
