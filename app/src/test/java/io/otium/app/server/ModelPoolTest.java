package io.otium.app.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ModelPoolTest {
  private final List<String> loaded = new ArrayList<>();
  private final ModelPool pool = new ModelPool(this::load);

  private FakeLanguageModel load(String name) {
    if (name.equals("missing")) throw new IllegalArgumentException("there is no model 'missing'");
    loaded.add(name);
    return new FakeLanguageModel(name.startsWith("file:") ? "same" : name);
  }

  @AfterEach
  void close() {
    pool.close();
  }

  private static String code(ModelPool pool, String id) {
    return String.valueOf(catchThrowableOfType(ApiException.class, () -> pool.get(id)).code());
  }

  @Test
  void theFirstModelIsTheDefaultUntilItIsUnloaded() {
    pool.load("a");
    pool.load("b");
    assertThat(pool.get(null).info().id()).isEqualTo("a");
    assertThat(pool.unload("a")).isTrue();
    assertThat(pool.get(null).info().id()).isEqualTo("b");
    assertThat(code(pool, "a")).isEqualTo("model_not_found");
    assertThat(pool.unload("a")).isFalse();
  }

  @Test
  void aModelIsLoadedOnce() {
    assertThat(pool.load("a")).isSameAs(pool.load("a"));
    assertThat(loaded).containsExactly("a");
  }

  @Test
  void twoFilesOfOneNameAreNotServedTogether() {
    pool.load("file:/one");
    assertThatThrownBy(() -> pool.load("file:/two"))
        .hasMessage("a model named 'same' is loaded already");
    assertThat(pool.all()).hasSize(1);
  }

  @Test
  void whatCannotBeLoadedSaysWhyAndChangesNothing() {
    pool.load("a");
    assertThatThrownBy(() -> pool.load("missing")).hasMessage("there is no model 'missing'");
    assertThat(pool.all()).hasSize(1);
  }

  @Test
  void anEmptyPoolHasNoDefault() {
    assertThatThrownBy(() -> pool.get(null)).hasMessage("no model is loaded");
  }
}
