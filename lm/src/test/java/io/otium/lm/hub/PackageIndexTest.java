package io.otium.lm.hub;

import static io.otium.lm.hub.Wheels.ascii;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackageIndexTest {
  private static final String PAGE = "/simple/tiny-model/";

  @TempDir Path temp;
  private final FakeHub server = new FakeHub();
  private final Map<String, String> environment = new HashMap<>();
  private final HttpClient client = HttpClient.newHttpClient();
  private byte[] wheel = new byte[0];

  @BeforeEach
  void fill() throws IOException {
    environment.put("OTIUM_PIP", "none");
    environment.put("PIP_INDEX_URL", server.address() + "/simple/");
    wheel =
        Files.readAllBytes(
            Wheels.write(
                temp.resolve("w.whl"),
                Map.of("tiny_model/Tiny.gguf", ascii("GGUF" + "x".repeat(5000)))));
    server.files.put("tiny.whl", wheel);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private InstalledModel pull(String ref) {
    Transport transport = new Transport(() -> client, Offline.PATIENCE, duration -> {});
    return new Models(
            new OtiumHome(temp.resolve("home")),
            environment,
            Disk.REAL,
            new Downloads(transport, Disk.REAL, 50),
            Clock.systemUTC())
        .pull(ref, ProgressListener.NONE);
  }

  private void page(String body) {
    server.faults.put(
        PAGE,
        exchange -> {
          FakeHub.reply(exchange, 200, ascii(body));
          return true;
        });
  }

  private String file(String version, String sha256, boolean yanked) {
    return """
    {"filename":"tiny_model-%s-py3-none-any.whl","url":"../../blob/tiny.whl","size":%d,
     "hashes":{"sha256":"%s"},"yanked":%s}\
    """
        .formatted(version, wheel.length, sha256, yanked);
  }

  @Test
  void theNewestReleaseThatIsNotWithdrawnIsTaken() {
    String hash = FakeHub.etag(wheel);
    page(
        "{\"files\":[%s,%s,%s,%s]}"
            .formatted(
                file("0.9", hash, false),
                file("0.10", hash, false),
                file("0.11rc1", hash, false),
                file("1.0", hash, true)));
    InstalledModel model = pull("pip:Tiny_Model");
    assertThat(model.manifest().revision()).isEqualTo("0.10");
    assertThat(model.manifest().source()).isEqualTo("pip:tiny-model");
    assertThat(model.id()).isEqualTo("tiny");
    assertThat(model.path()).hasFileName("Tiny.gguf").hasSize(5004);
    assertThat(pull("pip:tiny-model==0.9").manifest().revision()).isEqualTo("0.9");
    assertThatThrownBy(() -> pull("pip:tiny-model==3"))
        .isInstanceOf(PullException.class)
        .hasMessageContaining("there are 0.9, 0.10, 0.11rc1");
  }

  @Test
  void anIndexThatSpeaksOnlyHtmlIsRead() {
    page(
        """
        <html><a href="../../blob/tiny.whl#sha256=%s" data-requires-python="&gt;=3">tiny_model-1-py3-none-any.whl</a>
        <a href="x.tar.gz">tiny_model-2.tar.gz</a></html>
        """
            .formatted(FakeHub.etag(wheel)));
    assertThat(pull("pip:tiny-model").manifest().revision()).isEqualTo("1");
  }

  @Test
  void aWheelThatIsNotWhatTheIndexSaysIsRefused() {
    page("{\"files\":[%s]}".formatted(file("1", "0".repeat(64), false)));
    assertThatThrownBy(() -> pull("pip:tiny-model"))
        .isInstanceOf(PullException.class)
        .hasMessageContaining("instead of 0000");
  }

  @Test
  void thePasswordOfTheIndexIsSentToItAndSaidNowhere() {
    environment.put(
        "PIP_INDEX_URL", server.address().replace("http://", "http://me:secret@") + "/simple");
    assertThatThrownBy(() -> pull("pip:tiny-model"))
        .isInstanceOf(PullException.class)
        .message()
        .contains("has no package tiny-model")
        .doesNotContain("secret");
    assertThat(server.requests).allMatch(seen -> "Basic bWU6c2VjcmV0".equals(seen.authorization()));
  }

  @Test
  void hostileAnswersAreRefused() {
    page("{\"files\":[{\"filename\":\"../../x-1-py3-none-any.whl\",\"url\":\"x\"}]}");
    assertThatThrownBy(() -> pull("pip:tiny-model")).hasMessageContaining("has no wheel");
    page("{\"files\":[" + file("1", "", false).replace("../../blob/tiny.whl", "file:///x") + "]}");
    assertThatThrownBy(() -> pull("pip:tiny-model")).isInstanceOf(PullException.class);
    page("{\"files\":");
    assertThatThrownBy(() -> pull("pip:tiny-model")).hasMessageContaining("damaged JSON");
  }

  @Test
  void settingsAreFoundWherePipFindsThem() throws IOException {
    Path etc = Files.createDirectories(temp.resolve("root/etc"));
    Path home = Files.createDirectories(temp.resolve("home/.config/pip"));
    Files.writeString(
        etc.resolve("pip.conf"), "[global]\nindex-url = http://machine/simple\ncert=/c.pem\n");
    Map<String, String> here = new HashMap<>(Map.of("HOME", temp.resolve("home").toString()));
    Path root = temp.resolve("root");
    assertThat(PipSettings.from(here, root))
        .isEqualTo(new PipSettings("http://machine/simple", "/c.pem"));
    Files.writeString(
        home.resolve("pip.conf"),
        """
        [global]
        index_url: no
        ; index-url = no
        index-url = http://user/simple
        [install]
        index-url=no
        """);
    assertThat(PipSettings.from(here, root).indexUrl()).isEqualTo("http://user/simple");
    Files.writeString(
        home.resolve("pip.conf"), "[download]\nindex-url=http://d/simple\n[global]\nindex-url=no");
    assertThat(PipSettings.from(here, root).indexUrl()).isEqualTo("http://d/simple");
    here.put("PIP_INDEX_URL", "http://env/simple");
    assertThat(PipSettings.from(here, root).indexUrl()).isEqualTo("http://env/simple");
  }

  @Test
  void withoutAnySettingItSaysHowToNameAnIndex() {
    PipSettings none = PipSettings.from(Map.of("HOME", temp.toString()), temp.resolve("none"));
    assertThatThrownBy(none::requireIndex)
        .isInstanceOf(PullException.class)
        .hasMessageContaining("PIP_INDEX_URL");
  }

  @Test
  void pipsComplaintsBecomeOneSentence() {
    var ref = new ModelRef.Pip("x", null);
    assertThat(
            PipCommand.explain(ref, "WARNING: Retrying ... NewConnectionError\nERROR: No matching"))
        .hasMessageContaining("cannot reach the package index");
    assertThat(PipCommand.explain(ref, "ERROR: No matching distribution found for x"))
        .hasMessage("The package index has no wheel for pip:x; check the spelling");
    assertThat(PipCommand.explain(ref, "ERROR: [Errno 28] No space left on device"))
        .hasMessageContaining("disk became full");
    assertThat(PipCommand.explain(ref, "ERROR: a\nERROR: b\nnote: c"))
        .hasMessage("pip could not fetch pip:x: ERROR: b");
  }
}
