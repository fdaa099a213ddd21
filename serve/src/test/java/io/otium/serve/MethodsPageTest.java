package io.otium.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MethodsPageTest {
  /** Written anew by {@code mvn -pl serve -am test -Dtest=MethodsPageTest -Dotium.regenerate}. */
  @Test
  void theCommittedPageIsTheGeneratedOne() throws IOException {
    Path page = Path.of("..", "docs", "reference", "methods.md");
    if (System.getProperty("otium.regenerate") != null) {
      Files.createDirectories(page.getParent());
      Files.writeString(page, MethodsPage.markdown());
    }
    assertThat(Files.readString(page))
        .as("docs/reference/methods.md; write it anew with -Dotium.regenerate")
        .isEqualTo(MethodsPage.markdown());
  }
}
