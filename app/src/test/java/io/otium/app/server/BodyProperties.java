package io.otium.app.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Any bytes are JSON or a refusal of status 400. */
class BodyProperties {
  private static void parses(byte[] body) {
    try {
      assertThat(Json.parse(body)).isNotNull();
    } catch (ApiException refused) {
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.getMessage()).doesNotContain("\n");
    }
  }

  @Property(tries = 2000)
  void anyBytesAreJsonOrARefusal(@ForAll byte[] body) {
    parses(body);
  }

  @Provide
  Arbitrary<String> nearlyJson() {
    return Arbitraries.of(
            List.of(
                "{",
                "}",
                "[",
                "]",
                ",",
                ":",
                "\"a\"",
                "\"",
                "\\",
                "\\u12",
                "1",
                "-",
                "e9",
                ".",
                "true",
                "nul",
                "null",
                "\u0000",
                "é",
                " ",
                "\n",
                "NaN",
                "/*",
                "9".repeat(101)))
        .list()
        .ofMaxSize(12)
        .map(pieces -> String.join("", pieces));
  }

  @Property(tries = 2000)
  void whatLooksLikeJsonIsJsonOrARefusal(@ForAll("nearlyJson") String body) {
    parses(body.getBytes(StandardCharsets.UTF_8));
  }
}
