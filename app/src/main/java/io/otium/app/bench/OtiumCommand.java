package io.otium.app.bench;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How a process of Otium's command line is started: as users do, where there is a launcher. */
final class OtiumCommand {
  private static final String MAIN = "io.otium.app.cli.Main";

  private OtiumCommand() {}

  /**
   * The command line, to be followed by a verb.
   *
   * @param home its {@code OTIUM_HOME}
   */
  static Command at(Path home) {
    return new Command(words(), Map.of("OTIUM_HOME", home.toString()));
  }

  private static List<String> words() {
    String root = System.getProperty("otium.root");
    if (root != null) {
      Path launcher = Path.of(root, "otium");
      if (Files.isExecutable(launcher)) return List.of(launcher.toString());
    }
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Started some other way: with the options that matter here.
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.matches("-X(mx|ms|X:).*|--(add|enable|sun).*"))
        .forEach(words::add);
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN));
    return words;
  }
}
