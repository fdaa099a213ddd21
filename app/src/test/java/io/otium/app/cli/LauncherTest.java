package io.otium.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script {@code otium}, copied into a tree of its own where java and mvn are scripts that say
 * how they were called.
 */
final class LauncherTest {
  @TempDir Path folder;
  private Path root;
  private Path bin;
  private final Map<String, String> environment = new LinkedHashMap<>();

  @BeforeEach
  void plantATree() throws IOException {
    root = Files.createDirectories(folder.resolve("a tree"));
    bin = Files.createDirectories(folder.resolve("bin"));
    // The machine's own JDKs are out of sight: only those that a test plants count.
    String script =
        Files.readString(Path.of("..", "otium"))
            .replace("/usr/lib/jvm/", folder + "/jvm/")
            .replaceAll(
                "(?m) (/usr/java|/usr/local/java|/opt|/Library)(?=[^ ]*\\*)", " /nowhere$1");
    Files.writeString(root.resolve("otium"), script);
    assertThat(root.resolve("otium").toFile().setExecutable(true)).isTrue();
    Files.createDirectories(root.resolve("app/src/main"));
    write(root.resolve("pom.xml"), "");
    write(root.resolve("app/pom.xml"), "");
    write(root.resolve("app/src/main/A.java"), "");
    script(
        bin.resolve("mvn"),
        """
        echo "mvn in $PWD with $JAVA_HOME: $*" >> "%s/mvn.log"
        mkdir -p app/target/lib && touch app/target/otium.jar
        """
            .formatted(folder));
    environment.put("PATH", bin + ":/usr/bin:/bin");
    environment.put("HOME", folder.resolve("home").toString());
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static void script(Path file, String body) throws IOException {
    write(file, "#!/bin/bash\n" + body);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  /** A JDK that prints where it is and its arguments. */
  private Path jdk(String where, String version) throws IOException {
    Path home = folder.resolve(where);
    script(
        home.resolve("bin/java"),
        """
        case "$*" in *-XX:AOTMode=record*) echo conf > "${0%/bin/java}/aot.conf" ;; esac
        for word in "$@"; do
          case $word in -XX:AOTCache=*.new) echo classes > "${word#*=}" ;; esac
        done
        echo "java of ${0%/bin/java}: $*"
        if [ "${!#}" = seven ]; then exit 7; fi
        if [ "${!#}" = complain ]; then echo noise >&2; echo real >&3; fi
        """);
    write(
        home.resolve("release"),
        "JAVA_VERSION=\"%s\"\nMODULES=\"java.base jdk.incubator.vector\"\n".formatted(version));
    return home;
  }

  private void built() throws IOException {
    Files.createDirectories(root.resolve("app/target/lib"));
    write(root.resolve("app/target/otium.jar"), "");
    for (String source : List.of("pom.xml", "app/pom.xml", "app/src/main/A.java", "app/src/main")) {
      age(root.resolve(source), -120);
    }
    age(root.resolve("app/target/otium.jar"), -60);
  }

  private void age(Path file, int secondsFromNow) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(secondsFromNow)));
  }

  private Run launch(Path script, String... words) throws IOException, InterruptedException {
    var command = new java.util.ArrayList<>(List.of(script.toString()));
    command.addAll(List.of(words));
    var builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    Path err = folder.resolve("err");
    Path out = folder.resolve("out");
    Process process = builder.redirectError(err.toFile()).redirectOutput(out.toFile()).start();
    process.getOutputStream().close();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Run(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  private Run launch(String... words) throws IOException, InterruptedException {
    return launch(root.resolve("otium"), words);
  }

  private String mavenCalls() throws IOException {
    Path log = folder.resolve("mvn.log");
    return Files.exists(log) ? Files.readString(log) : "";
  }

  @Test
  void aNewerJdkIsFoundThoughTheDefaultIsOld() throws Exception {
    built();
    Path old = jdk("old", "17.0.15");
    Files.createSymbolicLink(bin.resolve("java"), old.resolve("bin/java"));
    environment.put("JAVA_HOME", old.toString());
    Path fresh = jdk("jvm/temurin-25", "25.0.3");
    Run run = launch("hello", "two words");
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .startsWith("java of " + fresh)
        .endsWith("-jar " + root.resolve("app/target/otium.jar") + " hello two words\n");
  }

  @Test
  void javaHomeComesBeforeThePathAndThePathBeforeTheUsualPlaces() throws Exception {
    built();
    jdk("jvm/c", "25");
    Path onPath = jdk("b", "26.0.1");
    Files.createSymbolicLink(bin.resolve("java"), onPath.resolve("bin/java"));
    assertThat(launch("x").out()).startsWith("java of " + onPath);
    Path home = jdk("a", "25.0.1");
    environment.put("JAVA_HOME", home.toString());
    assertThat(launch("x").out()).startsWith("java of " + home);
  }

  @Test
  void jdksOfVersionManagersAreFound() throws Exception {
    built();
    Path sdkman = jdk("home/.sdkman/candidates/java/25-tem", "25");
    assertThat(launch("x").out()).startsWith("java of " + sdkman);
  }

  @Test
  void withoutAJdkOneSentenceSaysWhatToInstall() throws Exception {
    jdk("jvm/old", "21.0.2");
    script(bin.resolve("java"), "exit 1");
    Run run = launch("--version");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.err()).contains("Java 25 or newer is needed").contains("sdk install java");
    assertThat(mavenCalls()).isEmpty();
  }

  @Test
  void aWrongChoiceOfJdkIsNamed() throws Exception {
    environment.put("OTIUM_JAVA_HOME", jdk("old", "21").toString());
    jdk("jvm/good", "25");
    Run run = launch("x");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("OTIUM_JAVA_HOME is " + folder.resolve("old"));
  }

  @Test
  void theFirstStartBuildsAndTheSecondDoesNot() throws Exception {
    Path jdk = jdk("jvm/j", "25");
    Run first = launch("x");
    assertThat(first.code()).as(first.err()).isZero();
    assertThat(first.err()).contains("building (first start");
    assertThat(mavenCalls()).contains("with " + jdk).contains("-pl app -am");
    Run second = launch("x");
    assertThat(second.err()).isEmpty();
    assertThat(second.out()).contains("-XX:AOTCache=" + root.resolve("app/target"));
    assertThat(mavenCalls().lines()).hasSize(1);
  }

  @Test
  void aBuildOfMavensGetsItsStartCacheAtTheFirstStart() throws Exception {
    jdk("jvm/j", "25");
    built();
    Run run = launch("x");
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("-XX:AOTCache=" + root.resolve("app/target"));
  }

  @Test
  void aStartCacheThatCannotBeMadeIsTriedOnce() throws Exception {
    Path jdk = jdk("jvm/j", "25");
    script(
        jdk.resolve("bin/java"),
        """
        echo "$*" >> "%s/java.log"
        case "$*" in *AOTMode=record*) exit 1 ;; esac
        """
            .formatted(folder));
    built();
    assertThat(launch("x").code()).isZero();
    assertThat(launch("x").code()).isZero();
    assertThat(Files.readString(folder.resolve("java.log")))
        .containsOnlyOnce("AOTMode=record")
        .doesNotContain("AOTMode=auto");
  }

  @Test
  void newerSourcesAreBuiltFirst() throws Exception {
    jdk("jvm/j", "25");
    built();
    launch("x");
    assertThat(mavenCalls()).isEmpty();
    age(root.resolve("app/src/main/A.java"), 120);
    assertThat(launch("x").err()).contains("building what changed");
    assertThat(mavenCalls().lines()).hasSize(1);
  }

  @Test
  void aFailedBuildShowsItsErrorsAndLeavesNoLock() throws Exception {
    jdk("jvm/j", "25");
    script(bin.resolve("mvn"), "echo '[ERROR] A.java:1 is wrong'; exit 1");
    Run run = launch("x");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("A.java:1 is wrong").contains("the build failed");
    assertThat(root.resolve("target/otium-build.lock")).doesNotExist();
  }

  @Test
  void aLockWhoseOwnerIsGoneIsTakenOver() throws Exception {
    jdk("jvm/j", "25");
    var gone = new ProcessBuilder("true").start();
    gone.waitFor();
    write(root.resolve("target/otium-build.lock/pid"), gone.pid() + "\n");
    assertThat(launch("x").code()).isZero();
  }

  @Test
  void withoutMavenTheSentenceSaysSo() throws Exception {
    jdk("jvm/j", "25");
    environment.put("OTIUM_MVN", "no-such-mvn");
    Run run = launch("x");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("Maven (mvn) is not on the PATH");
  }

  @Test
  void itWorksThroughSymbolicLinksFromAnywhere() throws Exception {
    built();
    jdk("jvm/j", "25");
    Path link = Files.createSymbolicLink(folder.resolve("first"), root.resolve("otium"));
    Path second = Files.createSymbolicLink(bin.resolve("otium"), Path.of("../first"));
    assertThat(link).isSymbolicLink();
    Run run = launch(second, "x");
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("-Dotium.root=" + root.toRealPath());
  }

  @Test
  void theExitCodeIsTheProgramsOwn() throws Exception {
    built();
    jdk("jvm/j", "25");
    assertThat(launch("seven").code()).isEqualTo(7);
  }

  @Test
  void theJvmsOwnNoiseIsSilentAndTheProgramsErrorsAreNot() throws Exception {
    built();
    jdk("jvm/j", "25");
    assertThat(launch("complain").err()).isEqualTo("real\n");
  }

  @Test
  void furtherJvmOptionsComeFromTheEnvironment() throws Exception {
    built();
    jdk("jvm/j", "25");
    environment.put("OTIUM_JAVA_OPTS", "-Xmx1g -Da=b");
    assertThat(launch("x").out()).contains(" -Xmx1g -Da=b -jar ");
  }
}
