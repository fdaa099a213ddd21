import com.github.tjake.jlama.model.AbstractModel;
import com.github.tjake.jlama.model.ModelSupport;
import com.github.tjake.jlama.safetensors.DType;
import com.github.tjake.jlama.safetensors.SafeTensorSupport;
import com.github.tjake.jlama.tensor.AbstractTensor;
import com.github.tjake.jlama.tensor.KvBufferCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.DoubleStream;

/**
 * Decoding speed of Jlama on one model, as a line of JSON (see Speeds.java); or its own quantizer.
 * Not compiled with Otium: Java runs it from its source, with Jlama's jars.
 *
 * <pre>
 * quantize FOLDER TARGET
 * decode FOLDER THREADS REPEATS TOKENS AFTER[,AFTER…]
 * </pre>
 */
public final class JlamaSpeed {
  private static final Random RANDOM = new Random(1);

  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[1]);
    if (args[0].equals("quantize")) {
      quantize(folder, Path.of(args[2]));
    } else {
      measure(folder, Integer.parseInt(args[2]), Integer.parseInt(args[3]), args[4], args[5]);
    }
    System.exit(0); // Jlama's threads do not end by themselves
  }

  /** The quantizer copies a README.md and fails where there is none: it gets an empty one. */
  private static void quantize(Path folder, Path target) throws IOException {
    Path complete = Files.createTempDirectory("otium-jlama-");
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.createSymbolicLink(complete.resolve(file.getFileName()), file.toAbsolutePath());
      }
    }
    if (Files.notExists(complete.resolve("README.md"))) {
      Files.createFile(complete.resolve("README.md"));
    }
    SafeTensorSupport.quantizeModel(
        complete, DType.Q4, new String[] {"norm"}, null, Optional.of(target));
  }

  private static void measure(Path folder, int threads, int repeats, String tokens, String after) {
    AbstractModel model =
        ModelSupport.loadModel(
            folder.toFile(), null, DType.F32, DType.I8, Optional.empty(), Optional.of(threads));
    int length = Integer.parseInt(tokens);
    List<String> speeds = new ArrayList<>();
    for (String size : after.split(",")) {
      int behind = Integer.parseInt(size);
      warmUp(model, length, behind);
      double[] samples =
          DoubleStream.generate(() -> decode(model, length, behind))
              .limit(repeats)
              .sorted()
              .toArray();
      speeds.add(
          "{\"tokens\": %d, \"after\": %d, \"perSecond\": %s}"
              .formatted(length, behind, samples[samples.length / 2]));
    }
    System.out.println(speeds);
  }

  /** Until two runs take as long as each other, as Otium's own side does. */
  private static void warmUp(AbstractModel model, int tokens, int behind) {
    double last = decode(model, tokens, behind);
    for (int i = 0; i < 8; i++) {
      double next = decode(model, tokens, behind);
      boolean steady = Math.abs(next - last) <= 0.05 * last;
      last = next;
      if (steady) return;
    }
  }

  /** Tokens a second of greedy decoding behind a prompt that is not timed. */
  private static double decode(AbstractModel model, int tokens, int behind) {
    int vocabulary = model.getConfig().vocabularySize;
    int[] prompt = RANDOM.ints(behind, 0, vocabulary).toArray();
    try (var cache = new KvBufferCache(model).getEphemeralKvBuffer();
        AbstractTensor logits = model.makeDenseTensor(vocabulary)) {
      int token;
      try (AbstractTensor states = model.batchForward(prompt, 0, cache)) {
        token = model.sample(states.slice(states.shape().first() - 1), 0f, 0f, logits);
      }
      long start = System.nanoTime();
      for (int i = 0; i < tokens; i++) {
        try (AbstractTensor state = model.forward(token, behind + i, cache, Optional.empty())) {
          token = model.sample(state, 0f, 0f, logits);
        }
      }
      return tokens / ((System.nanoTime() - start) * 1e-9);
    }
  }
}
