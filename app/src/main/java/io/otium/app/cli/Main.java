package io.otium.app.cli;

import io.otium.lm.Model;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** The process: mends what the launcher had to bend, runs the verb, exits with its code. */
public final class Main {
  /** The verbs whose first answer somebody waits for, and what makes them answer nothing. */
  private static final Set<String> ANSWERING = Set.of("complete", "chat");

  private static final List<String> ASKING_FOR_HELP = List.of("--help", "-h");

  private Main() {}

  public static void main(String[] args) {
    StandardError.restore();
    // Only the server writes a log; elsewhere loading one would cost a tenth of a second.
    boolean serves = args.length > 0 && args[0].equals("serve");
    // SLF4J would say which provider it was given.
    System.setProperty("slf4j.internal.verbosity", "WARN");
    if (System.getProperty("slf4j.provider") == null) {
      System.setProperty(
          "slf4j.provider",
          serves
              ? "ch.qos.logback.classic.spi.LogbackServiceProvider"
              : "org.slf4j.helpers.NOP_FallbackServiceProvider");
    }
    if (willAnswer(args)) Model.rehearse();
    Cli cli = Cli.ofProcess();
    int code = CommandLines.run(cli, args);
    cli.out().flush();
    System.exit(code);
  }

  private static boolean willAnswer(String[] args) {
    return args.length > 0
        && ANSWERING.contains(args[0])
        && Collections.disjoint(Arrays.asList(args), ASKING_FOR_HELP);
  }
}
