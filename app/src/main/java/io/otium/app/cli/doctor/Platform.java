package io.otium.app.cli.doctor;

import io.otium.core.torch.Probe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;

/** Java, processor, memory and disk. */
public final class Platform {
  /** Flags of the processor that a kernel of ours or of libtorch asks for. */
  private static final List<String> TELLING =
      List.of(
          "avx2",
          "fma",
          "f16c",
          "avx_vnni",
          "avx512f",
          "avx512_vnni",
          "avx512_bf16",
          "amx_bf16",
          "amx_int8",
          "asimd",
          "asimddp",
          "i8mm",
          "sve");

  private static final double GIB = 1 << 30;

  private Platform() {}

  public static Finding java() {
    var facts = new Facts("java");
    facts.json.put("version", Runtime.version().toString());
    facts.json.put("vendor", System.getProperty("java.vendor"));
    facts.json.put("home", System.getProperty("java.home"));
    String cache = startCache();
    facts.json.put("startCache", cache);
    facts.line(
        "%s, %s (%s)",
        Runtime.version(), System.getProperty("java.vendor"), System.getProperty("java.home"));
    facts.line(cache.isEmpty() ? "no cache of classes: starts are slow" : "fast starts: " + cache);
    if (cache.isEmpty()) {
      facts.weakness(
          "there is no cache of loaded classes, so every start takes longer",
          "start Otium with ./otium; after a build it makes one");
    }
    return facts.found();
  }

  /** The AOT cache that the launcher named. */
  private static String startCache() {
    String flag = "-XX:AOTCache=";
    return java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith(flag))
        .map(argument -> argument.substring(flag.length()))
        .findFirst()
        .orElse("");
  }

  /**
   * @param probing whether to time libtorch, which takes some seconds
   */
  public static Finding cpu(boolean probing) {
    var facts = new Facts("cpu");
    String info = "/proc/cpuinfo";
    String name = Facts.field(info, "model name").orElse(System.getProperty("os.arch"));
    String flags = Facts.field(info, "flags").or(() -> Facts.field(info, "Features")).orElse("");
    Set<String> has = new TreeSet<>(List.of(flags.split(" ")));
    List<String> telling = TELLING.stream().filter(has::contains).toList();
    int threads = Runtime.getRuntime().availableProcessors();
    facts.json.put("name", name).put("threads", threads);
    telling.forEach(facts.json.putArray("flags")::add);
    facts.line("%s, %d threads for Otium", name, threads);
    facts.line(
        "has %s", telling.isEmpty() ? "none of the flags we know" : String.join(" ", telling));
    int bits = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    facts.json.put("vectorBits", bits);
    facts.line("Vector API with %d bits", bits);
    if (bits < 256 && has.contains("avx2")) {
      facts.weakness(
          "Java uses vectors of %d bits on a processor that has 256".formatted(bits),
          "unset OTIUM_JAVA_OPTS, which may limit it with -XX:UseAVX");
    }
    if (probing) probe(facts, has);
    return facts.found();
  }

  private static void probe(Facts facts, Set<String> has) {
    Map<Probe.Numbers, OptionalDouble> rates = new EnumMap<>(Probe.Numbers.class);
    var json = facts.json.putObject("libtorchGflops");
    List<String> said = new ArrayList<>();
    for (Probe.Numbers numbers : Probe.Numbers.values()) {
      OptionalDouble rate = gigaflops(numbers);
      rates.put(numbers, rate);
      json.put(id(numbers), rate.isPresent() ? rate.getAsDouble() : null);
      said.add("%s (%s)".formatted(rate(rate), id(numbers)));
    }
    OptionalDouble fp32 = rates.getOrDefault(Probe.Numbers.FP32, OptionalDouble.empty());
    OptionalDouble bf16 = rates.getOrDefault(Probe.Numbers.BF16, OptionalDouble.empty());
    boolean amx = has.contains("amx_bf16");
    boolean amxUsable = amx && bf16.isPresent() && bf16.getAsDouble() > 1.5 * fp32.orElse(0);
    if (amx) facts.json.put("amxUsable", amxUsable);
    facts.line(
        "libtorch multiplies at %s GFLOP/s%s",
        String.join(", ", said), amx ? (amxUsable ? " (AMX works)" : " (AMX does not help)") : "");
    if (fp32.isEmpty()) {
      facts.failure(
          "libtorch does not run on this machine",
          "look for its message: java -cp app/target/otium.jar "
              + Probe.class.getName()
              + " "
              + Probe.Numbers.FP32);
      return;
    }
    rates.forEach(
        (numbers, rate) -> {
          if (rate.isEmpty()) {
            facts.weakness(
                "libtorch stops in %s: the processor advertises an instruction it does not have"
                    .formatted(id(numbers)),
                "nothing to mend: Otium's own kernels do without it");
          }
        });
    if (amx && !amxUsable && bf16.isPresent()) {
      facts.weakness(
          "AMX is advertised and brings nothing here",
          "nothing to mend: often the hypervisor keeps it; kernels are chosen by measurement");
    }
  }

  private static String id(Probe.Numbers numbers) {
    return numbers.name().toLowerCase(Locale.ROOT);
  }

  private static String rate(OptionalDouble rate) {
    return rate.isPresent() ? String.format(Locale.ROOT, "%.0f", rate.getAsDouble()) : "no";
  }

  private static OptionalDouble gigaflops(Probe.Numbers numbers) {
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Probe.class.getName(),
            numbers.name()));
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      boolean ended = process.waitFor(2, TimeUnit.MINUTES);
      return ended && process.exitValue() == 0
          ? OptionalDouble.of(Double.parseDouble(said.strip()))
          : OptionalDouble.empty();
    } catch (IOException | NumberFormatException e) {
      return OptionalDouble.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return OptionalDouble.empty();
    }
  }

  public static Finding memory() {
    var facts = new Facts("memory");
    double total = kibibytes("MemTotal") / GIB;
    double available = kibibytes("MemAvailable") / GIB;
    double limit =
        Facts.read("/sys/fs/cgroup/memory.max")
            .filter(text -> text.chars().allMatch(Character::isDigit))
            .map(text -> Double.parseDouble(text) / GIB)
            .orElse(0.0);
    String huge =
        Facts.read("/sys/kernel/mm/transparent_hugepage/enabled")
            .map(text -> text.replaceAll(".*\\[(.*)].*", "$1"))
            .orElse("unknown");
    facts.json.put("totalGiB", round(total)).put("availableGiB", round(available));
    facts.json.put("hugePages", huge);
    facts.line(
        "%s of %s GiB free%s, heap of at most %s GiB",
        round(available),
        round(total),
        limit > 0 && limit < total ? ", " + round(limit) + " GiB allowed to this container" : "",
        round(Runtime.getRuntime().maxMemory() / GIB));
    facts.line("transparent huge pages: %s", huge);
    if (available > 0 && available < 1) {
      facts.weakness("less than 1 GiB of memory is free", "end other programs");
    }
    if (huge.equals("never")) {
      facts.weakness(
          "transparent huge pages are off, which costs a quarter of the speed of decoding",
          "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled");
    }
    return facts.found();
  }

  private static double kibibytes(String name) {
    return Facts.field("/proc/meminfo", name + ":")
        .map(text -> Double.parseDouble(text.replaceAll("[^0-9]", "")) * 1024)
        .orElse(0.0);
  }

  private static double round(double value) {
    return Math.round(value * 10) / 10.0;
  }

  public static Finding disk(Path home) {
    var facts = new Facts("disk");
    Path there = home.toAbsolutePath();
    while (!Files.exists(there) && there.getParent() != null) there = there.getParent();
    facts.json.put("home", home.toString());
    try {
      FileStore store = Files.getFileStore(there);
      double free = store.getUsableSpace() / GIB;
      facts.json.put("freeGiB", round(free));
      facts.line("%s GiB free for %s", round(free), home);
      if (free < 1) {
        facts.weakness(
            "less than 1 GiB is free where models are kept",
            "set OTIUM_HOME to a larger disk, or remove models with ./otium models rm");
      }
      if (!Files.isWritable(there)) {
        facts.failure(there + " cannot be written", "set OTIUM_HOME to a folder that can");
      }
    } catch (IOException e) {
      facts.failure(there + " cannot be looked at: " + e.getMessage(), "set OTIUM_HOME to another");
    }
    return facts.found();
  }
}
