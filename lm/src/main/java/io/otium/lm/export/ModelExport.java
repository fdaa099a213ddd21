package io.otium.lm.export;

import io.otium.lm.ModelFiles;
import io.otium.lm.TrainedFiles;
import io.otium.lm.adapter.AdapterFiles;
import io.otium.lm.export.ExportOptions.Format;
import io.otium.lm.format.FormatException;
import io.otium.lm.hub.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Writes a model in files that other programs load: all of it, or none.
 *
 * <p>What it is made from may be a GGUF file, a folder of transformers', one of peft's, or what
 * training left: an adapter, or all weights beside a reference to the model they began as.
 */
public final class ModelExport {
  private final String name;
  private final Path model;
  private final ExportOptions options;
  private final Path target;

  private ModelExport(String name, Path model, ExportOptions options, Path target) {
    this.name = name;
    this.model = model;
    this.options = options;
    this.target = target;
  }

  /**
   * Decides what is written where.
   *
   * @param ref how the model is called, e.g. {@code run:ID}
   * @param model where it lies
   * @param here folder that a relative target is sought in
   * @throws IllegalArgumentException if the options make no sense for this model, or the target is
   *     there already
   */
  public static ModelExport of(String ref, Path model, ExportOptions options, Path here) {
    boolean adapter = Files.isDirectory(model) && AdapterFiles.areIn(model);
    Format format = options.format();
    if (format == Format.AUTO) {
      format =
          options.to().endsWith(".gguf")
              ? Format.GGUF
              : adapter && !options.merge() ? Format.ADAPTER : Format.SAFETENSORS;
    }
    if (format == Format.ADAPTER && !adapter) {
      throw new IllegalArgumentException(
          ref + " is no adapter but a whole model; export it as safetensors or gguf");
    }
    if (options.merge() && !adapter) {
      throw new IllegalArgumentException(ref + " is a whole model; there is nothing to merge");
    }
    ExportOptions resolved = options.withFormat(format);
    String name = name(ref, model);
    Path target = here.resolve(options.to().isEmpty() ? fileName(name, resolved) : options.to());
    var export = new ModelExport(name, model, resolved, target.normalize());
    export.requireFree();
    return export;
  }

  private static String name(String ref, Path model) {
    String last =
        ref.startsWith(Models.RUN)
            ? ref.substring(Models.RUN.length())
            : Files.exists(Path.of(ref)) ? String.valueOf(model.getFileName()) : ref;
    String plain = last.substring(last.lastIndexOf('/') + 1).replaceFirst("\\.gguf$", "");
    return plain.replaceAll("[^A-Za-z0-9._-]", "-");
  }

  private static String fileName(String name, ExportOptions options) {
    if (options.format() != Format.GGUF) return name;
    boolean plain = options.type() == ExportOptions.Numbers.AUTO;
    return name + (plain ? "" : "-" + options.type().name().toLowerCase(Locale.ROOT)) + ".gguf";
  }

  /** Refuses to write over anything but an earlier export that may be replaced. */
  private void requireFree() {
    if (!Files.exists(target)) return;
    boolean file = options.format() == Format.GGUF;
    if (file && Files.isDirectory(target)) {
      throw new IllegalArgumentException(target + " is a folder; name a .gguf file with --to");
    }
    if (!file && !Files.isDirectory(target)) {
      throw new IllegalArgumentException(target + " is a file; name a folder with --to");
    }
    if (isSame(target, model)) {
      throw new IllegalArgumentException(target + " is the model itself; name another with --to");
    }
    if (!options.force()) {
      throw new IllegalArgumentException(target + " is there already; --force replaces it");
    }
    if (file) return;
    try (Stream<Path> files = Files.list(target)) {
      files
          .filter(path -> Files.isDirectory(path) || !isOfAModel(path.getFileName().toString()))
          .findFirst()
          .ifPresent(
              other -> {
                throw new IllegalArgumentException(
                    "%s holds %s, which is no file of a model, and is not replaced"
                        .formatted(target, other.getFileName()));
              });
    } catch (IOException unreadable) {
      throw new IllegalArgumentException(target + " cannot be read", unreadable);
    }
  }

  private static boolean isSame(Path a, Path b) {
    try {
      return Files.isSameFile(a, b);
    } catch (IOException gone) {
      return false;
    }
  }

  private static boolean isOfAModel(String file) {
    return file.endsWith(".safetensors")
        || file.matches(
            "(config|generation_config|adapter_config|chat_template|added_tokens|vocab"
                + "|tokenizer\\w*|special_tokens_map|model\\.safetensors\\.index)\\.json"
                + "|merges\\.txt|vocab\\.txt|tokenizer\\.model|chat_template\\.jinja|README\\.md");
  }

  /** What will be written. */
  public Format format() {
    return options.format();
  }

  /** Where it will be. */
  public Path target() {
    return target;
  }

  /**
   * Writes it.
   *
   * @throws FormatException if the disk has no room, or a number does not fit its type
   * @throws IllegalArgumentException if the format cannot hold this model
   * @throws IOException if it cannot be read or written
   */
  public ExportedModel write() throws IOException {
    if (options.format() == Format.ADAPTER) {
      return AdapterExport.write(model, options.base(), target);
    }
    Path origin = TrainedFiles.origin(model);
    ModelFiles files = ModelFiles.open(model);
    try {
      if (files.weights().prompt() != null) {
        throw new IllegalArgumentException(
            name + " is a soft prompt, which no weights can hold; export it as adapter");
      }
      return options.format() == Format.GGUF
          ? new GgufExport(files, origin, name).write(options.type().type(), target)
          : new TransformersExport(files, origin).write(options.type().type(), target);
    } finally {
      files.closeWeights();
    }
  }

  /**
   * Refuses what the disk has no room for before anything is written.
   *
   * @throws FormatException with what is needed and what there is
   */
  static void requireRoom(Path target, long bytes) throws IOException {
    Path folder = target.toAbsolutePath().getParent();
    while (folder != null && !Files.exists(folder)) folder = folder.getParent();
    if (folder == null) return;
    requireRoom(target, bytes, Files.getFileStore(folder).getUsableSpace());
  }

  static void requireRoom(Path target, long bytes, long free) throws FormatException {
    if (bytes <= free) return;
    throw new FormatException(
        target,
        "takes %,d MB, and the disk has %,d MB free"
            .formatted(Math.ceilDiv(bytes, 1_000_000L), free / 1_000_000));
  }
}
