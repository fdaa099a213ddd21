package io.otium.app.console.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otium.core.options.OptionException;
import io.otium.serve.Methods;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SettingsFormTest {
  private final SettingsForm form = new SettingsForm();

  @Test
  void onlyWhatDiffersFromTheDefaultsIsKept() {
    assertThat(form.read(Map.of("set.temperature", "0.2", "set.top_k", "40", "other", "x")))
        .isEqualTo("{\"top_k\":40}");
    assertThat(form.read(Map.of())).isEqualTo("{}");
  }

  @Test
  void stopTextsStandOneALine() {
    String settings = form.read(Map.of("set.stop", "END\n\"quoted, with comma\"\n"));
    assertThat(form.fields(settings))
        .filteredOn(field -> field.option().name().equals("stop"))
        .extracting(SettingsForm.Field::value)
        .containsExactly("END\n\"quoted, with comma\"");
  }

  @Test
  void aValueOutOfRangeIsRefusedByName() {
    assertThatThrownBy(() -> form.read(Map.of("set.top_p", "1.5")))
        .isInstanceOf(OptionException.class)
        .hasMessageContaining("top_p")
        .hasMessageContaining("1.5");
  }

  @Test
  void everyRegisteredMethodHasItsForm() {
    assertThat(form.methods("{}")).extracting(MethodForm::kind).containsExactly("prefill", "kv");
    assertThat(form.methods("{}").getLast().choices())
        .extracting(MethodForm.Choice::id)
        .containsExactlyElementsOf(Methods.kv().ids());
  }

  @Test
  void settingsOfAMethodThatIsGoneFallBackToTheStandardOne() {
    assertThat(form.methods("{\"otium\":{\"kv\":{\"method\":\"gone\"}}}").getLast().chosen())
        .isEqualTo("full");
  }

  @Test
  void damagedSettingsAreTheDefaults() {
    assertThat(form.fields("not json")).isNotEmpty();
  }
}
