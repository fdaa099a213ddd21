package io.otium.lm.hub;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class ModelRefProperties {
  @Provide
  Arbitrary<String> likely() {
    return Combinators.combine(
            Arbitraries.of("hf:", "pip:", "maven:", "file:", "", "http:", "HF:"),
            Arbitraries.strings().withChars("aB9._-/:@=~\\ %\u00e9\u0000").ofMaxLength(24),
            Arbitraries.of("", ".gguf", "==1", "@main", ":x.gguf"))
        .as((scheme, middle, end) -> scheme + middle + end);
  }

  @Property(tries = 3000)
  void everyTextIsReadOrRefusedInASentence(@ForAll("likely") String text) {
    try {
      ModelRef ref = ModelRef.parse(text);
      assertThat(ModelRef.parse(ref.toString())).isEqualTo(ref);
    } catch (PullException e) {
      assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
    }
  }

  @Property(tries = 1000)
  void anyTextAtAllIsReadOrRefusedInASentence(@ForAll String text) {
    try {
      ModelRef.parse(text);
    } catch (PullException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  @Property(tries = 2000)
  void aChosenFileNeverLeavesItsFolder(@ForAll("likely") String text) {
    try {
      if (ModelRef.parse(text) instanceof ModelRef.Hub hub && hub.file() != null) {
        assertThat(SafeName.isSafe(hub.file())).isTrue();
      }
    } catch (PullException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }
}
