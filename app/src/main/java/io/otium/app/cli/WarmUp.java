package io.otium.app.cli;

import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;

/**
 * What a start usually does, done once while the JVM records it: the launcher turns the record into
 * a cache that later starts read.
 */
@Command(hidden = true, description = "does what a start does, for the launcher's cache")
final class WarmUp implements Verb {
  private final Cli cli;

  WarmUp(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    run("");
    run("", "help");
    run("", "complete", "--help");
    // Nothing is fetched to warm up.
    if (cli.models().find(ModelFlags.DEFAULT_MODEL).isEmpty()) return 0;
    run("Once upon a time", "complete", "--json", "--max-tokens", "8");
    run("", "complete", "--max-tokens", "64", "Once upon a time");
    run("", "chat", "--max-tokens", "16", "Hello!");
    run("a text", "embed");
    return 0;
  }

  private void run(String input, String... args) {
    var silence = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    var in = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
    var mute = new Cli(in, silence, silence, false, true, true, cli.home(), cli.finder());
    int ignored = CommandLines.run(mute, args);
  }
}
