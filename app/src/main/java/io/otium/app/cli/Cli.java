package io.otium.app.cli;

import io.otium.core.run.Runs;
import io.otium.lm.FoundModel;
import io.otium.lm.LanguageModel;
import io.otium.lm.LoadOptions;
import io.otium.lm.SharedModels;
import io.otium.lm.hub.Models;
import io.otium.lm.hub.OtiumHome;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a verb works with.
 *
 * @param in standard input, UTF-8
 * @param out where results go, and nothing else
 * @param err where progress, notes and errors go
 * @param typing whether a person types at {@code in}
 * @param watching whether a person reads {@code out}
 * @param noticing whether a person reads {@code err}
 * @param home the folder of what Otium keeps
 * @param finder how a model is found
 */
public record Cli(
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean typing,
    boolean watching,
    boolean noticing,
    Path home,
    ModelFinder finder) {

  /** Finds a model by the name a user gave, so that it can be loaded. */
  @FunctionalInterface
  public interface ModelFinder {
    FoundModel find(LoadRequest request, Cli cli);
  }

  /**
   * Which model, and how.
   *
   * @param model a name, a reference such as {@code hf:ORG/NAME}, or a path
   * @param among models to share weights with, or null for weights of its own
   * @param orOwn whether the model that Otium comes with may take its place, if it cannot be had:
   *     nobody asked for this one
   */
  public record LoadRequest(
      String model, LoadOptions options, @Nullable SharedModels among, boolean orOwn) {
    public LoadRequest(String model, LoadOptions options) {
      this(model, options, null, false);
    }

    LoadRequest among(SharedModels models) {
      return new LoadRequest(model, options, models, orOwn);
    }
  }

  /** The process's own streams and models. The launcher says which streams are terminals. */
  static Cli ofProcess() {
    String terminals = System.getProperty("otium.terminals", "");
    return new Cli(
        new FileInputStream(FileDescriptor.in),
        print(FileDescriptor.out),
        print(FileDescriptor.err),
        terminals.contains("0"),
        terminals.contains("1"),
        terminals.contains("2"),
        OtiumHome.fromEnvironment().root(),
        Loading::find);
  }

  /** UTF-8 whatever the locale, and flushed by whoever prints. */
  private static PrintStream print(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }

  /** All of standard input, without the line break at its end. */
  String readInput() {
    try {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text.endsWith("\r\n")
          ? text.substring(0, text.length() - 2)
          : text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    } catch (IOException e) {
      throw new UncheckedIOException("standard input cannot be read", e);
    }
  }

  /** What is installed in the home, and whence more comes. */
  Models models() {
    return Models.at(new OtiumHome(home));
  }

  /** What was run. */
  Runs runs() {
    return new Runs(new OtiumHome(home).runs());
  }

  /** Where a model lies that a user named; it is fetched first if it is not here. */
  Path resolve(String model) {
    try (var progress = new PullProgress(this)) {
      return models().resolve(model, progress);
    }
  }

  /** Finds a model, and fetches it first if it is not here. */
  FoundModel find(LoadRequest request) {
    return finder.find(request, this);
  }

  /** Reads a found model's weights. */
  static LanguageModel load(FoundModel model) {
    try (model) {
      return model.load();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  LanguageModel load(LoadRequest request) {
    return load(find(request));
  }

  LanguageModel load(ModelFlags flags) {
    return load(flags.request());
  }
}
