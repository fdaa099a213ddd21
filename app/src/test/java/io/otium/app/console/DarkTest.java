package io.otium.app.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import org.junit.jupiter.api.Test;

final class DarkTest extends InBrowser {
  @Override
  Browser.NewContextOptions options() {
    return super.options().setColorScheme(ColorScheme.DARK).setReducedMotion(ReducedMotion.REDUCE);
  }

  private boolean isDark() {
    return (boolean)
        page()
            .evaluate(
                "getComputedStyle(document.body).backgroundColor.match(/\\d+/g)"
                    + ".slice(0, 3).every(c => Number(c) < 64)");
  }

  @Test
  void theSystemsDarkIsFollowedUntilAnotherIsChosen() {
    assertThat(isDark()).isTrue();
    at("[data-action=theme]").click();
    assertThat(at("[data-theme-label]")).hasText("Theme: light");
    assertThat(isDark()).isFalse();
    page().reload();
    assertThat(isDark()).isFalse();
    at("[data-action=theme]").click();
    assertThat(isDark()).isTrue();
    at("[data-action=theme]").click();
    assertThat(at("[data-theme-label]")).hasText("Theme: system");
  }

  @Test
  void nothingMovesForThoseWhoWantItStill() {
    model().hold();
    say("Hello");
    model().allow(2);
    assertThat(at(".turn.writing .prose p")).hasCount(1);
    assertThat(
            page()
                .evaluate(
                    "getComputedStyle(document.querySelector('.writing .prose p'), '::after')"
                        + ".animationName"))
        .isEqualTo("none");
    model().allow(100);
    finished();
  }
}
