package io.otium.app.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.lm.export.ExportOptions;
import io.otium.lm.export.ExportedModel;
import io.otium.lm.export.ModelExport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;

/** {@code otium export}: a model in the files of transformers, peft or llama.cpp. */
@Command(
    description = {
      "Writes a model in files that transformers (safetensors), peft (adapter) or llama.cpp (gguf)"
          + " load: an installed one, a path, or what a run made (run:ID).",
      "It is written whole or not at all."
    },
    footer = {
      "Examples:",
      "  ./otium export run:ID                             an adapter's files, or a whole model's",
      "  ./otium export run:ID --merge --to my-model       the model with the adapter in it",
      "  ./otium export run:ID --to my-model.gguf --type q8_0",
      "  ./otium export some.gguf --format safetensors --type bf16"
    })
final class Export implements Verb {
  private final Cli cli;
  private final OptionFlags<ExportOptions> flags = new OptionFlags<>(ExportOptions.OPTIONS, "");

  @Parameters(
      paramLabel = "MODEL",
      description = "a name, hf:ORG/NAME, a GGUF file, a folder of transformers or peft, or run:ID")
  String model;

  @Mixin Common common;

  Export(Cli cli) {
    this.cli = cli;
  }

  @Override
  public void describe(CommandSpec spec) {
    flags.addTo(spec, "What is written");
  }

  @Override
  public Integer call() {
    ExportOptions options = flags.read();
    var export = ModelExport.of(model, cli.resolve(model), options, Path.of(""));
    ExportedModel written;
    try {
      written = export.write();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String format = written.format().name().toLowerCase(Locale.ROOT);
    if (common.json) {
      ObjectNode json = Json.MAPPER.createObjectNode();
      json.put("model", model).put("path", written.path().toAbsolutePath().toString());
      json.put("format", format).put("type", written.type());
      json.put("tensors", written.tensors()).put("bytes", written.bytes());
      Json.print(cli, json);
    } else {
      cli.out()
          .printf(
              Locale.ROOT,
              "%s: %s, %s, %,d tensors, %s%n",
              written.path(),
              format,
              written.type(),
              written.tensors(),
              PullProgress.megabytes(written.bytes()));
    }
    return 0;
  }
}
