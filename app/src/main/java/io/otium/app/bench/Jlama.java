package io.otium.app.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Jlama on this JVM, at the 4 bits of its own quantizer; its prompts are not compared. */
final class Jlama implements Peer {
  static final String NAME = "jlama";

  private static final String VERSION = "0.8.4";

  private final PeersFolder peers;

  Jlama(PeersFolder peers) {
    this.peers = peers;
  }

  @Override
  public String name() {
    return NAME;
  }

  private static Path jars(PeersFolder peers) {
    return peers.jlama().resolve("lib");
  }

  @Override
  public Optional<Missing> missing() {
    List<String> names =
        PeersFolder.list(jars(peers)).stream().map(jar -> jar.getFileName().toString()).toList();
    boolean here =
        names.stream().anyMatch(name -> name.startsWith("jlama-core-"))
            && names.stream().anyMatch(name -> name.startsWith("jlama-native-"));
    return here
        ? Optional.empty()
        : Optional.of(
            new Missing(
                "its jars are not in " + jars(peers), "./otium bench peers --install " + NAME));
  }

  @Override
  public void install(Installation into) throws IOException {
    into.run(
        "fetching Jlama's jars",
        Command.of(Path.of("mvn"), "-B", "-f", ProgramFile.of("jlama.xml"))
            .with("-Djlama.version=" + VERSION, "-Djlama.platform=" + platform())
            .with("dependency:copy-dependencies", "-DincludeScope=runtime")
            .with("-DoutputDirectory=" + jars(peers)));
  }

  /** As Jlama names systems: {@code linux-x86_64}. */
  private static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String processor = System.getProperty("os.arch").equals("aarch64") ? "aarch_64" : "x86_64";
    return (os.startsWith("mac") ? "osx-" : os.startsWith("win") ? "windows-" : "linux-")
        + processor;
  }

  @Override
  public List<Arm> arms(Workload workload, Setting setting) throws IOException {
    if (!(workload instanceof Workload.Decode decode)) return List.of();
    Path model = setting.files().jlama();
    Command command =
        program(peers, "decode")
            .with(model, setting.threads(), setting.repeats(), decode.tokens())
            .with(PythonScript.joined(decode.after()));
    return List.of(
        new Arm(
            NAME + " Q4",
            version(),
            false,
            Set.copyOf(setting.weights()),
            () -> Speeds.read(NAME, command.run().out())));
  }

  private String version() {
    return PeersFolder.list(jars(peers)).stream()
        .map(jar -> jar.getFileName().toString())
        .filter(name -> name.startsWith("jlama-core-"))
        .map(name -> name.replaceAll("jlama-core-|\\.jar", ""))
        .findFirst()
        .orElse("unknown");
  }

  /** Our program for Jlama, by the JVM that runs this, to be followed by its arguments. */
  static Command program(PeersFolder peers, String mode) throws IOException {
    return Command.of(Path.of(System.getProperty("java.home"), "bin", "java"))
        .with("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED")
        .with("-cp", jars(peers) + "/*", ProgramFile.of("JlamaSpeed.java"), mode);
  }
}
