package io.otium.core.tensor;

import io.otium.core.data.SplitMix64;
import io.otium.core.torch.LibTorch;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Random numbers from a seed, whose state can be saved and restored exactly: whole tensors from
 * libtorch's Mersenne twister, single numbers (as a {@link RandomGenerator}) from SplitMix64. The
 * two do not disturb each other. For one thread at a time.
 */
public final class RandomStream implements RandomGenerator {
  private final long seed;
  private SplitMix64 numbers;

  /** Made when the first tensor is drawn. */
  private @Nullable Generator generator;

  private @Nullable GeneratorOptional argument;

  public RandomStream(long seed) {
    this.seed = seed;
    numbers = new SplitMix64(seed);
  }

  @Override
  public long nextLong() {
    return numbers.nextLong();
  }

  /** Puts a list into random order. */
  public <T> void shuffle(List<T> list) {
    for (int i = list.size() - 1; i > 0; i--) {
      list.set(i, list.set(nextInt(i + 1), list.get(i)));
    }
  }

  GeneratorOptional generator() {
    if (argument == null) {
      LibTorch.require();
      generator = Native.lasting(torch.make_generator_cpu(SplitMix64.mix(seed ^ SplitMix64.GAMMA)));
      argument = Native.lasting(new GeneratorOptional(generator));
    }
    return argument;
  }

  /** Uniform from 0 to before 1, F32. */
  public Tensor rand(long... shape) {
    return uniformInPlace(Tensor.empty(DType.F32, shape), 0, 1);
  }

  /** Normal with mean 0 and variance 1, F32. */
  public Tensor randn(long... shape) {
    return normalInPlace(Tensor.empty(DType.F32, shape), 0, 1);
  }

  /** Whole numbers from {@code low} to before {@code high}, I64. */
  public Tensor randint(long low, long high, long... shape) {
    return Native.change(
        "randint",
        Tensor.empty(DType.I64, shape),
        x -> {
          try (var end = new LongOptional(high)) {
            return x.random_(low, end, generator());
          }
        });
  }

  /** {@code 0 … n − 1} in random order, I64. */
  public Tensor randperm(long n) {
    return Native.nullary(
        "randperm", () -> torch.randperm(n, generator(), Native.options(DType.I64)));
  }

  /** Ones with probability {@code p}, else zeros. */
  public Tensor bernoulli(double p, DType type, long... shape) {
    return Native.change("bernoulli", Tensor.empty(type, shape), x -> x.bernoulli_(p, generator()));
  }

  /**
   * Draws indices by weight.
   *
   * @param weights {@code [n]} or {@code [rows, n]}, not negative, not all zero in a row
   * @param replacement whether an index may come twice
   * @return {@code [samples]} or {@code [rows, samples]}, I64
   */
  public Tensor multinomial(Tensor weights, long samples, boolean replacement) {
    return Native.unary(
        "multinomial", weights, x -> x.multinomial(samples, replacement, generator()));
  }

  /** Overwrites with uniform numbers. */
  public Tensor uniformInPlace(Tensor tensor, double from, double to) {
    return Native.change("uniform", tensor, x -> x.uniform_(from, to, generator()));
  }

  /** Overwrites with normal numbers. */
  public Tensor normalInPlace(Tensor tensor, double mean, double std) {
    return Native.change("normal", tensor, x -> x.normal_(mean, std, generator()));
  }

  /** Overwrites with numbers of density {@code rate · exp(−rate · x)}. */
  public Tensor exponentialInPlace(Tensor tensor, double rate) {
    return Native.change("exponential", tensor, x -> x.exponential_(rate, generator()));
  }

  /**
   * What {@link #restore} needs to go on from here: some bytes, or 5 KB once tensors were drawn.
   */
  public byte[] state() {
    if (generator == null) return ByteBuffer.allocate(Long.BYTES).putLong(numbers.state()).array();
    try (var state = generator.get_state()) {
      int bytes = Math.toIntExact(state.nbytes());
      ByteBuffer all = ByteBuffer.allocate(Long.BYTES + bytes).putLong(numbers.state());
      state.data_ptr_byte().capacity(bytes).get(all.array(), Long.BYTES, bytes);
      return all.array();
    }
  }

  /**
   * Goes on from a saved state of a stream with the same seed.
   *
   * @throws TensorException if these bytes are no state
   */
  public void restore(byte[] state) {
    if (state.length < Long.BYTES) {
      throw new TensorException(
          "a random stream's state has at least 8 bytes, not " + state.length);
    }
    numbers = new SplitMix64(ByteBuffer.wrap(state).getLong());
    if (argument != null) argument.close();
    if (generator != null) generator.close();
    argument = null;
    generator = null;
    if (state.length == Long.BYTES) return;
    generator();
    try (var _ = new Scope()) {
      byte[] twister = java.util.Arrays.copyOfRange(state, Long.BYTES, state.length);
      java.util.Objects.requireNonNull(generator).set_state(Tensor.of(twister).n);
    } catch (RuntimeException failure) {
      throw TensorException.of("restoring a random stream", failure);
    }
  }
}
