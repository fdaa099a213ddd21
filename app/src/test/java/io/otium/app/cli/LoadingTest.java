package io.otium.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otium.lm.FoundModel;
import io.otium.lm.LoadOptions;
import io.otium.lm.hub.PullException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a model is found that cannot be fetched. */
class LoadingTest {
  @TempDir Path home;

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private Cli cli() {
    return new Cli(
        new ByteArrayInputStream(new byte[0]),
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        false,
        false,
        false,
        home,
        Loading::find);
  }

  private Cli.LoadRequest unreachable(boolean orOwn) {
    String nowhere = home.resolve("nowhere.gguf").toString();
    return new Cli.LoadRequest(nowhere, LoadOptions.defaults(), null, orOwn);
  }

  @Test
  void whereNobodyAskedForAModelThatCannotBeHadOtiumsOwnTakesItsPlaceAndItIsSaid() {
    try (FoundModel found = cli().find(unreachable(true))) {
      assertThat(found.info().id()).isEqualTo("otium-small-world");
    }
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("nowhere.gguf", "In its place runs otium-small-world");
  }

  @Test
  void aModelThatWasAskedForIsRefusedIfItCannotBeHad() {
    assertThatThrownBy(() -> cli().find(unreachable(false))).isInstanceOf(PullException.class);
  }
}
