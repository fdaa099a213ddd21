package io.otium.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.otium.app.bench.Speeds.Speed;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SpeedsTest {
  @Test
  void whatAWorkerWritesIsReadBack() {
    String line = Speeds.write(List.of(new Speed(512, 0, 1234.5), new Speed(128, 64, 99.25)));
    assertThat(Speeds.read("the worker", "some chatter\n" + line + "\n"))
        .containsExactly(entry("prefill 512", 1234.5), entry("decode 128 after 64", 99.25));
  }

  @Test
  void anythingElseIsQuoted() {
    assertThatThrownBy(() -> Speeds.read("transformers", "ModuleNotFoundError: torch"))
        .isInstanceOf(BenchException.class)
        .hasMessage("transformers printed no speeds but: ModuleNotFoundError: torch");
    assertThatThrownBy(() -> Speeds.read("transformers", "")).isInstanceOf(BenchException.class);
  }
}
