package io.otium.app.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.lm.LanguageModel;
import io.otium.lm.LoadOptions;
import io.otium.lm.data.smallworld.Ability;
import io.otium.lm.data.smallworld.Examination;
import io.otium.lm.hub.InstalledModel;
import io.otium.lm.hub.KnownModels;
import io.otium.lm.hub.ModelStore;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code otium models}: what is installed; {@code show} and {@code rm} for one of them. */
@Command(
    description = "Lists the installed models.",
    footer = {
      "Examples:",
      "  ./otium models",
      "  ./otium models show smollm2-135m-instruct",
      "  ./otium models show ~/models/some.gguf",
      "  ./otium models rm smollm2-135m-instruct",
      "  ./otium models examine otium-small-world",
    })
final class ModelListing implements Verb {
  /** Of no ability are there fewer held out. */
  private static final int MOST_QUESTIONS = 300;

  private final Cli cli;

  @Mixin Common common;

  ModelListing(Cli cli) {
    this.cli = cli;
  }

  private ModelStore store() {
    return cli.models().store();
  }

  @Override
  public Integer call() {
    List<InstalledModel> models = store().list();
    store().damaged().forEach(cli.err()::println);
    if (common.json) {
      var list = Json.MAPPER.createArrayNode();
      models.forEach(model -> list.add(toJson(model)));
      Json.print(cli, list);
      return 0;
    }
    if (models.isEmpty()) {
      cli.out().println("No model is installed. Known by name (fetched with ./otium pull NAME):");
      KnownModels.all().forEach(known -> cli.out().println("  " + known.name()));
      return 0;
    }
    int width = models.stream().mapToInt(model -> model.id().length()).max().orElse(0);
    for (InstalledModel model : models) {
      cli.out()
          .printf(
              "%-" + width + "s  %9s  %-11s  %-12s  %s%n",
              model.id(),
              PullProgress.megabytes(model.manifest().bytes()),
              model.manifest().format(),
              model.manifest().licence(),
              model.manifest().source());
    }
    return 0;
  }

  @Command(
      name = "show",
      description = "Shows what a model is, what it needs, and its files. Reads no weights.")
  int show(
      @Parameters(paramLabel = "MODEL", description = "an installed model, or a path") String name,
      @Mixin Common flags) {
    ModelSheet sheet = ModelSheet.of(name, store());
    if (flags.json || common.json) {
      Json.print(cli, sheet.json());
    } else {
      sheet.lines().forEach(cli.out()::println);
    }
    return 0;
  }

  @Command(name = "rm", description = "Deletes a model from the store.")
  int remove(
      @Parameters(paramLabel = "MODEL", description = "an installed model") String name,
      @Mixin Common flags) {
    long freed = store().remove(name);
    if (flags.json || common.json) {
      Json.print(cli, Json.MAPPER.createObjectNode().put("removed", name).put("bytes", freed));
    } else {
      cli.out().printf("removed %s, %s are free again%n", name, PullProgress.megabytes(freed));
    }
    return 0;
  }

  @Command(
      name = "examine",
      description = {
        "Examines a model in what the small world teaches, with questions that no lesson has:",
        "for each ability, the share of right answers."
      })
  int examine(
      @Parameters(paramLabel = "MODEL", description = "an installed or well-known model, or a path")
          String name,
      @Option(
              names = "--questions",
              paramLabel = "N",
              defaultValue = "200",
              description = "of each ability (default: 200)")
          int questions,
      @Mixin Common flags) {
    if (questions < 1 || questions > MOST_QUESTIONS) {
      throw new Usage(
          "--questions is %d; allowed are 1 to %d".formatted(questions, MOST_QUESTIONS));
    }
    ObjectNode scores = Json.MAPPER.createObjectNode();
    try (LanguageModel model = cli.load(new Cli.LoadRequest(name, LoadOptions.defaults()))) {
      if (!model.canChat()) throw new Usage(name + " has no chat template; it cannot be asked");
      for (Ability ability : Ability.values()) {
        if (ability == Ability.TALK) continue;
        double score = Examination.of(model, ability, questions, 1).score();
        scores.put(ability.name().toLowerCase(Locale.ROOT), score);
      }
    }
    if (flags.json || common.json) {
      Json.print(cli, scores);
    } else {
      scores
          .properties()
          .forEach(
              of ->
                  cli.out()
                      .printf(
                          Locale.ROOT,
                          "%-13s %5.1f %%%n",
                          of.getKey(),
                          100 * of.getValue().asDouble()));
    }
    return 0;
  }

  static ObjectNode toJson(InstalledModel model) {
    var manifest = model.manifest();
    ObjectNode node =
        Json.MAPPER
            .createObjectNode()
            .put("id", model.id())
            .put("source", manifest.source())
            .put("revision", manifest.revision())
            .put("licence", manifest.licence())
            .put("format", manifest.format())
            .put("created", manifest.created().toString())
            .put("bytes", manifest.bytes())
            .put("path", model.path().toString());
    var files = node.putArray("files");
    for (var file : manifest.files()) {
      files
          .addObject()
          .put("name", file.name())
          .put("bytes", file.size())
          .put("sha256", file.sha256());
    }
    return node;
  }
}
