package io.otium.app.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class KeyboardTest extends InBrowser {
  /** Out of the message field, so that letters are shortcuts. */
  private void leaveTheField() {
    at("#message").press("Escape");
    assertThat(at("#message")).not().isFocused();
  }

  @Test
  void theMessageFieldHasTheFocusAtFirstAndAfterSlash() {
    assertThat(at("#message")).isFocused();
    leaveTheField();
    press("/");
    assertThat(at("#message")).isFocused();
    assertThat(at("#message")).hasValue("");
  }

  @Test
  void questionMarkShowsTheShortcuts() {
    leaveTheField();
    press("?");
    assertThat(at("#help")).isVisible();
    assertThat(at("#help")).containsText("Stop the answer");
    press("Escape");
    assertThat(at("#help")).isHidden();
  }

  @Test
  void lettersAreLettersWhereSomebodyTypes() {
    at("#message").pressSequentially("nest?/");
    assertThat(at("#message")).hasValue("nest?/");
    assertThat(at("#help")).isHidden();
  }

  @Test
  void ctrlKSwitchesConversations() {
    ask("About apples");
    at(".new-chat").click();
    ask("About pears");
    press("Control+k");
    assertThat(at("#switcher [role=option]")).hasCount(2);
    page().keyboard().type("apples");
    assertThat(at("#switcher [role=option]")).hasCount(1);
    assertThat(at("#switcher [aria-selected=true]")).containsText("About apples");
    press("Enter");
    assertThat(at("h1")).hasText("About apples");
    press("Control+k");
    assertThat(at("#switcher [role=option]").first()).hasAttribute("aria-selected", "true");
    press("ArrowDown");
    press("ArrowUp");
    press("ArrowDown");
    assertThat(at("#switcher [role=option]").nth(1)).hasAttribute("aria-selected", "true");
    press("Escape");
    assertThat(at("#switcher")).isHidden();
  }

  @Test
  void gAndALetterGoToAPage() {
    leaveTheField();
    press("g");
    press("m");
    assertThat(page()).hasURL(Pattern.compile("/models$"));
    press("g");
    press("a");
    assertThat(page()).hasURL(Pattern.compile("/api$"));
    press("n");
    assertThat(page()).hasURL(Pattern.compile(":\\d+/$"));
  }

  @Test
  void sOpensTheSettingsAndEscapeClosesThem() {
    leaveTheField();
    press("s");
    assertThat(at("[name=system]")).isFocused();
    press("Escape");
    assertThat(at("#settings")).isHidden();
  }

  @Test
  void everythingThatCanBeClickedCanBeReachedAndShowsTheFocus() {
    ask("Hello");
    int unreachable =
        (int)
            page()
                .evaluate(
                    "[...document.querySelectorAll('[data-action], [data-copy], [hx-post],"
                        + " [hx-get]')].filter(e => !/^(BUTTON|A|INPUT|FORM|UL)$/.test(e.tagName)"
                        + " && !e.matches('.scrim')).length");
    assertThat(unreachable).isZero();
    int unnamed =
        (int)
            page()
                .evaluate(
                    "[...document.querySelectorAll('button, a, input:not([type=hidden]), select,"
                        + " textarea:not([hidden])')].filter(e => !(e.getAttribute('aria-label')"
                        + " || e.textContent.trim() || e.labels?.length)).length");
    assertThat(unnamed).isZero();
    at(".new-chat").focus();
    press("Tab");
    assertThat(at("#search")).isFocused();
  }
}
