package io.otium.app.cli;

import io.otium.core.options.OptionException;
import io.otium.core.run.Run;
import io.otium.core.run.Runs;
import io.otium.lm.hub.OtiumHome;
import io.otium.lm.train.FineTuning;
import io.otium.lm.train.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code otium train}: follows a recipe. */
@Command(
    description = {
      "Trains a model by a recipe, a YAML file; --set changes one of its keys.",
      "The result is called run:ID; killed at any moment, ./otium runs resume ID goes on."
    },
    footer = {
      "Examples:",
      "  ./otium train examples/recipes/sft-lora.yaml",
      "  ./otium train examples/recipes/sft-lora.yaml --set steps=20 --set learning_rate=1e-4",
      "  ./otium train --keys"
    })
final class Train implements Verb {
  private final Cli cli;

  @Parameters(paramLabel = "RECIPE", arity = "0..1", description = "a YAML file")
  Path file;

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "in place of the recipe's")
  Map<String, String> set = new LinkedHashMap<>();

  @Option(names = "--keys", description = "list the keys of a recipe, with their defaults")
  boolean keys;

  @Option(names = "--threads", paramLabel = "N", description = "processors (default: all)")
  int threads = Runtime.getRuntime().availableProcessors();

  @Mixin Common common;

  Train(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() throws IOException {
    if (keys) {
      listKeys();
      return 0;
    }
    if (file == null) throw new Usage("name a recipe, a YAML file; --keys lists what it may say");
    if (threads < 1) throw new Usage("--threads is " + threads + "; at least 1 is needed");
    Recipe recipe = recipe();
    Runs runs = cli.runs();
    Path base = file.toAbsolutePath().resolveSibling("");
    try (FineTuning tuning = open(recipe, base)) {
      Run run = runs.start("train", Recipe.OPTIONS.toJson(resolved(recipe, base)), recipe.seed());
      return new Training(cli, common.json).run(tuning, run, false);
    }
  }

  private FineTuning open(Recipe recipe, Path base) throws IOException {
    try (var progress = new PullProgress(cli)) {
      return FineTuning.open(recipe, base, new OtiumHome(cli.home()), progress, threads);
    } catch (OptionException refused) {
      throw new Usage(file + ": " + refused.getMessage());
    }
  }

  /** With the data's whole path, so that the run can be resumed from any folder. */
  private static Recipe resolved(Recipe recipe, Path base) {
    Map<String, Object> files = new LinkedHashMap<>();
    if (!recipe.isSmallWorld()) {
      files.put("data", base.resolve(recipe.data()).normalize().toString());
    }
    String validation = recipe.validation();
    if (validation != null) {
      files.put("validation", base.resolve(validation).normalize().toString());
    }
    return files.isEmpty() ? recipe : Recipe.OPTIONS.with(recipe, files);
  }

  private Recipe recipe() throws IOException {
    if (!Files.isRegularFile(file)) throw new Usage("there is no recipe at " + file);
    try {
      Recipe read = Recipe.OPTIONS.fromYaml(Files.readString(file));
      if (set.isEmpty()) return read;
      var changed = Recipe.OPTIONS.toJson(Recipe.OPTIONS.fromText(set, ""));
      Map<String, Object> changes = new LinkedHashMap<>();
      for (String key : set.keySet()) {
        String name = key.replace('-', '_');
        changes.put(name, changed.get(name));
      }
      return Recipe.OPTIONS.with(read, changes);
    } catch (OptionException refused) {
      throw new Usage(file + ": " + refused.getMessage());
    }
  }

  private void listKeys() {
    for (var field : Recipe.OPTIONS.fields()) {
      cli.out().printf("%-18s %-24s %s%n", field.name(), field.defaultValue(), field.doc());
    }
  }
}
