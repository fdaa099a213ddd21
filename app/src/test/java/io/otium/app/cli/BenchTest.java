package io.otium.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.otium.app.cli.Run.Setting;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BenchTest {
  @TempDir Path home;

  private Run run(String... args) {
    return new Setting(home).run(args);
  }

  private void refused(String sentence, String... args) {
    Run run = run(args);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).startsWith("otium bench: ").contains(sentence);
    assertThat(run.err().lines()).hasSize(1);
  }

  @Test
  void badInputIsRefusedBeforeAnythingIsMeasured() {
    refused("there is no workload 'prefil'; allowed are prefill, decode", "bench", "prefil");
    refused("--rounds must be a whole number from 1", "bench", "prefill", "--rounds", "0");
    refused("from 1 to 1000000, not -4", "bench", "prefill", "--tokens", "512,-4");
    refused("--after", "bench", "decode", "--after", "0");
    refused("only prefill takes more than one", "bench", "decode", "--tokens", "1,2");
    refused("allowed for memory are 1 to 4032", "bench", "memory", "--tokens", "5000");
    refused("--weights has 'int9'; allowed are fp32", "bench", "serve", "--weights", "int9");
    refused("--weights has 'int8'; allowed are bf16, fp32", "bench", "train", "--weights", "int8");
    refused("--only has 'sft'; allowed are full, lora", "bench", "train", "--only", "full,sft");
    refused(
        "there is no peer 'lama'; allowed are llama.cpp", "bench", "serve", "--against", "lama");
  }

  @Test
  void aNameIsNeeded() {
    Run run = run("bench");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("NAME");
  }

  @Test
  void absentPeersAreListedWithHowToInstallThem() throws IOException {
    Run run = run("bench", "peers", "--peers", home.resolve("none").toString());
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("llama.cpp").contains("./otium bench peers --install llama.cpp");
    var json = run("bench", "peers", "--json", "--peers", home.toString()).json();
    assertThat(json.path("folder").asText()).isEqualTo(home.toString());
    assertThat(json.at("/peers/0/name").asText()).isEqualTo("llama.cpp");
    assertThat(json.at("/peers/0/here").asBoolean()).isFalse();
  }
}
