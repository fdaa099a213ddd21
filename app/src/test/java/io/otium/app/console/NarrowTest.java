package io.otium.app.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NarrowTest extends InBrowser {
  @Override
  Browser.NewContextOptions options() {
    return new Browser.NewContextOptions().setViewportSize(360, 640).setHasTouch(true);
  }

  @Test
  void noPageScrollsSideways() {
    answer =
        """
        averyveryveryveryveryveryveryveryveryveryveryveryveryverylongwordwithoutanybreak

        | a | wide | table | with | many | columns | of | figures |
        | --- | --- | --- | --- | --- | --- | --- | --- |
        | 1000000 | 2000000 | 3000000 | 4000000 | 5000000 | 6000000 | 7000000 | 8000000 |

        ```java
        int aLineOfCodeThatIsMuchLongerThanTheScreen = someFunction(withManyArguments, andMore);
        ```
        """;
    ask("A long " + "word".repeat(40));
    assertThat(scrollsSideways()).isFalse();
    for (String path : List.of("/models", "/train", "/runs", "/live", "/api", "/papers")) {
      page().navigate(uri() + path);
      assertThat(at(".lead h1")).isVisible();
      assertThat(scrollsSideways()).as(path).isFalse();
    }
  }

  @Test
  void theMenuSlidesInAndGoesAway() {
    assertThat(at("#sidebar")).not().isInViewport();
    at(".bar [data-action=drawer]").click();
    assertThat(at("#sidebar")).isInViewport();
    press("Escape");
    assertThat(at("#sidebar")).not().isInViewport();
    at(".bar [data-action=drawer]").click();
    at("#sidebar a[href='/models']").click();
    assertThat(at(".lead h1")).hasText("Models");
  }

  @Test
  void settingsCoverTheConversationAndCloseAgain() {
    at(".bar [data-action=settings]").click();
    assertThat(at("#settings")).isInViewport();
    at("#settings [data-action=settings]").click();
    assertThat(at("#settings")).isHidden();
    assertThat(at("#message")).isInViewport();
  }
}
