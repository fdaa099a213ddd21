package io.otium.lm.hub;

import io.otium.lm.format.GgufFile;
import io.otium.lm.format.SafetensorsFile;
import io.otium.lm.format.TensorData;
import io.otium.lm.format.TensorSource;
import io.otium.lm.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What a model is and needs, from its files' headers; no weights are read.
 *
 * @param parameters numbers in its tensors
 * @param dtype the type that most of them have in the file, e.g. {@code q4_1}
 * @param context most tokens of a sequence
 * @param licence as the source or the file says; empty if neither does
 * @param weightBytes bytes of the weights in memory by precision: {@code fp32}, {@code bf16},
 *     {@code int8}, {@code int4}; {@code fp32} alone for encoders
 * @param kvBytesPerToken of the key-value cache at 16 bits, for each token of each sequence; 0 for
 *     encoders
 */
public record ModelDetails(
    String architecture,
    long parameters,
    String dtype,
    int layers,
    int width,
    int vocabulary,
    int context,
    String licence,
    Map<String, Long> weightBytes,
    long kvBytesPerToken) {

  /** Bits of a weight in memory, the scales of its group included. */
  private static final Map<String, Double> BITS = new LinkedHashMap<>();

  static {
    BITS.put("fp32", 32.0);
    BITS.put("bf16", 16.0);
    BITS.put("int8", 8.5);
    BITS.put("int4", 5.0);
  }

  /**
   * Bytes that serving takes at a precision with a cache of so many tokens.
   *
   * @param halfCache whether keys and values are kept at 16 bits and not at 32
   */
  public long memory(String precision, int cacheTokens, boolean halfCache) {
    Long weights = weightBytes.get(precision);
    if (weights == null) {
      throw new IllegalArgumentException(
          "'%s' is no precision; there are %s".formatted(precision, weightBytes.keySet()));
    }
    return weights + kvBytesPerToken * cacheTokens * (halfCache ? 1 : 2);
  }

  /**
   * Of an installed model.
   *
   * @throws PullException if its files are damaged or of a kind that Otium does not load
   */
  public static ModelDetails of(InstalledModel model) {
    ModelDetails details = of(model.path());
    String licence = model.manifest().licence();
    return licence.isEmpty() ? details : details.withLicence(licence);
  }

  /**
   * Of a model where it lies.
   *
   * @param path a GGUF file, or a folder of a safetensors model
   * @throws PullException if it is damaged or of a kind that Otium does not load
   */
  public static ModelDetails of(Path path) {
    try {
      if (Files.isDirectory(path)) {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
          return of(ModelConfig.fromJson(path), file, "");
        }
      }
      try (GgufFile file = GgufFile.open(path)) {
        String licence = file.stringOrNull("general.license");
        return of(
            ModelConfig.fromGguf(file.metadata(), file), file, licence == null ? "" : licence);
      }
    } catch (IOException | IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      throw new PullException(
          message.contains(path.toString()) ? message : path + ": " + message, e);
    }
  }

  private static ModelDetails of(ModelConfig config, TensorSource tensors, String licence) {
    long parameters = 0;
    Map<String, Long> byType = new LinkedHashMap<>();
    for (String name : tensors.names()) {
      TensorData tensor = tensors.get(name);
      if (tensor != null) {
        parameters += tensor.elements();
        byType.merge(tensor.type().name().toLowerCase(Locale.ROOT), tensor.elements(), Long::sum);
      }
    }
    String dtype =
        byType.entrySet().stream()
            .max(Comparator.comparingLong(Map.Entry::getValue))
            .map(Map.Entry::getKey)
            .orElse("none");
    Map<String, Long> weightBytes = new LinkedHashMap<>();
    for (var precision : BITS.entrySet()) {
      if (config.causal() || precision.getKey().equals("fp32")) {
        weightBytes.put(precision.getKey(), (long) (parameters * precision.getValue() / 8));
      }
    }
    return new ModelDetails(
        config.architecture().id(),
        parameters,
        dtype,
        config.layers(),
        config.width(),
        config.vocabulary(),
        config.context(),
        licence.toLowerCase(Locale.ROOT),
        weightBytes,
        config.causal() ? 2L * KV_BYTES * config.kvWidth() * config.layers() : 0);
  }

  /** Of a number in the cache. */
  private static final int KV_BYTES = 2;

  private ModelDetails withLicence(String said) {
    return new ModelDetails(
        architecture,
        parameters,
        dtype,
        layers,
        width,
        vocabulary,
        context,
        said,
        weightBytes,
        kvBytesPerToken);
  }
}
