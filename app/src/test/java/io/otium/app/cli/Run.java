package io.otium.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.app.cli.Cli.LoadRequest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One run of the command line, with what it printed. */
record Run(int code, String out, String err) {
  /** A command line with its streams captured. */
  static final class Setting {
    final FakeModel model = new FakeModel("Paris, of course.");
    final List<LoadRequest> loaded = new ArrayList<>();
    private final Path home;
    private String input = "";
    private boolean typing = true;
    private boolean watching;

    Setting(Path home) {
      this.home = home;
    }

    Setting piped(String text) {
      input = text;
      typing = false;
      return this;
    }

    Setting watched() {
      watching = true;
      return this;
    }

    Run run(String... args) {
      var out = new ByteArrayOutputStream();
      var err = new ByteArrayOutputStream();
      var cli =
          new Cli(
              new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
              new PrintStream(out, true, StandardCharsets.UTF_8),
              new PrintStream(err, true, StandardCharsets.UTF_8),
              typing,
              watching,
              false,
              home,
              (request, asked) -> {
                loaded.add(request);
                return model.found();
              });
      int code = CommandLines.run(cli, args);
      return new Run(
          code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
  }

  JsonNode json() throws IOException {
    return Json.MAPPER.readTree(out);
  }
}
