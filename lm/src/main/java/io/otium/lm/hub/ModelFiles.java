package io.otium.lm.hub;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which files of a repository make a model: weights as safetensors with configuration and
 * tokenizer, not the copies in other formats (PyTorch, ONNX, Flax, …) that lie beside them.
 */
final class ModelFiles {
  private ModelFiles() {}

  private static final Set<String> BESIDE =
      Set.of(
          "config.json",
          "generation_config.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "tokenizer.model",
          "vocab.json",
          "vocab.txt",
          "merges.txt",
          "chat_template.jinja",
          "chat_template.json",
          "modules.json",
          "sentence_bert_config.json",
          "config_sentence_transformers.json",
          "1_Pooling/config.json");

  private static final Pattern LICENCE = Pattern.compile("(?i)licen[cs]e(\\.(md|txt))?");
  private static final Pattern WEIGHTS =
      Pattern.compile("model(-\\d{5}-of-\\d{5})?\\.safetensors(\\.index\\.json)?");
  private static final Pattern SPLIT_GGUF = Pattern.compile("(?i).*-\\d{5}-of-\\d{5}\\.gguf");

  /** Whether a file belongs to a safetensors model. */
  static boolean wanted(String name) {
    return BESIDE.contains(name)
        || LICENCE.matcher(name).matches()
        || WEIGHTS.matcher(name).matches();
  }

  /**
   * The files to fetch.
   *
   * @param ref what the user asked for
   * @param names all files of the repository, safe to use
   * @throws PullException if there is nothing to load among them, with what there is
   */
  static List<String> choose(ModelRef.Hub ref, List<String> names) {
    List<String> gguf = names.stream().filter(ModelRef.Grammar::isGguf).sorted().toList();
    if (ref.file() != null) {
      return gguf(ref, names, gguf, ref.file());
    }
    List<String> chosen = names.stream().filter(ModelFiles::wanted).toList();
    if (chosen.contains("model.safetensors")) {
      // Some repositories have the whole file and the shards: one of them is enough.
      return chosen.stream()
          .filter(name -> !name.matches("model(-\\d.*|\\.safetensors\\.i.*)"))
          .toList();
    }
    if (chosen.stream().anyMatch(name -> name.endsWith(".safetensors"))) {
      return chosen;
    }
    if (gguf.size() == 1) {
      return gguf(ref, names, gguf, gguf.getFirst());
    }
    if (!gguf.isEmpty()) {
      throw new PullException(
          "%s has %d GGUF files; choose one, such as %s (there are %s)"
              .formatted(
                  ref,
                  gguf.size(),
                  new ModelRef.Hub(ref.id(), ref.revision(), usual(gguf)),
                  list(gguf)));
    }
    boolean pytorch = names.stream().anyMatch(name -> name.endsWith(".bin"));
    throw new PullException(
        "%s has no weights that Otium reads (model.safetensors or a .gguf file)%s"
            .formatted(
                ref,
                pytorch ? ", only PyTorch's .bin; look for a converted copy" : ": " + list(names)));
  }

  private static List<String> gguf(
      ModelRef.Hub ref, List<String> names, List<String> gguf, String file) {
    if (!gguf.contains(file)) {
      List<String> similar = KnownModels.similar(file, gguf);
      throw new PullException(
          "%s has no file '%s'; %s"
              .formatted(
                  new ModelRef.Hub(ref.id(), ref.revision(), null),
                  file,
                  gguf.isEmpty()
                      ? "it has no GGUF file at all"
                      : "there are " + list(similar.isEmpty() ? gguf : similar)));
    }
    if (SPLIT_GGUF.matcher(file).matches()) {
      throw new PullException(
          "%s is one part of a split GGUF model, which Otium does not load; choose one that is a single file"
              .formatted(file));
    }
    return names.stream()
        .filter(name -> name.equals(file) || LICENCE.matcher(name).matches())
        .toList();
  }

  /** The file most people want: 8 bits, else 4 bits, else the first. */
  private static String usual(List<String> gguf) {
    for (String bits : List.of("q8_0", "q4_k_m", "q4_0")) {
      for (String name : gguf) {
        if (name.toLowerCase(Locale.ROOT).contains(bits)) {
          return name;
        }
      }
    }
    return gguf.getFirst();
  }

  private static String list(List<String> names) {
    String shown = String.join(", ", names.subList(0, Math.min(names.size(), 12)));
    return names.size() > 12 ? shown + " and " + (names.size() - 12) + " more" : shown;
  }
}
