package io.otium.app.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a model writes is text, whatever it writes. */
final class HostileTest extends InBrowser {
  private static final String OUTPUT =
      """
      <script>window.hacked = 1</script>

      Hello <img src=x onerror="window.hacked = 2"> <b onclick="window.hacked = 3">bold</b>

      <svg onload="window.hacked = 4"></svg>
      <iframe src="http://203.0.113.7/frame"></iframe>
      <style>body { display: none }</style>

      ![tracking](http://203.0.113.7/pixel.png "t")
      [run](javascript:window.hacked=5) [data](data:text/html,<script>window.hacked=6</script>)
      [vb](vbscript:x) [odd](java&#115;cript:window.hacked=7) <javascript:window.hacked=8>

      ```"><script>window.hacked=9</script>
      </code></pre><script>window.hacked = 10</script>
      ```

      | <script>window.hacked=11</script> | x |
      | --- | --- |
      | <img src=x onerror=window.hacked=12> | y |

      <form action="http://203.0.113.7/"><input name=q></form> <div hx-get="/models" hx-trigger="load">x</div>

      <button data-action="stop" data-copy="message">Press</button>
      </div></article><h1 id="composer">gone</h1>
      """;

  private void nothingRan() {
    assertThat(page().evaluate("window.hacked ?? 'no'")).isEqualTo("no");
    assertThat(
            page()
                .evaluate(
                    "document.querySelectorAll('.prose :is(script, img, iframe, style, form, svg,"
                        + " input, [onclick], [onerror], [onload], [hx-get])').length"))
        .isEqualTo(0);
    assertThat(
            page()
                .evaluate(
                    "[...document.querySelectorAll('.prose a[href]')]"
                        + ".filter(a => a.getAttribute('href') !== ''"
                        + " && !/^https?:|^mailto:/.test(a.getAttribute('href'))).length"))
        .isEqualTo(0);
    assertThat(page().evaluate("document.querySelectorAll('.prose button').length"))
        .as("the only button is the code block's own")
        .isEqualTo(1);
    assertThat(at("#composer")).hasCount(1);
  }

  @Test
  void nothingInAnAnswerRunsOrLoads() {
    answer = OUTPUT;
    ask("Attack me");
    nothingRan();
    page().reload();
    assertThat(at(".turn.assistant .prose")).containsText("window.hacked = 1");
    nothingRan();
  }

  @Test
  void nothingRunsWhileItIsWrittenWordByWord() {
    answer = OUTPUT;
    model().slowDown(3);
    ask("Attack me slowly");
    nothingRan();
  }

  @Test
  void whatAPersonTypesIsTextToo() {
    String typed = "<img src=x onerror=\"window.hacked = 1\"><script>window.hacked = 2</script>";
    ask(typed);
    assertThat(at(".turn.user .said")).hasText(typed);
    assertThat(at(".conversations .current a")).containsText("<img src=x");
    nothingRanIn("body");
  }

  private void nothingRanIn(String selector) {
    assertThat(page().evaluate("window.hacked ?? 'no'")).isEqualTo("no");
    assertThat(at(selector + " img")).hasCount(0);
  }

  @Test
  void linksOpenElsewhereWithoutAWayBack() {
    answer = "See [the page](https://example.org/a?b=1&c=2).";
    ask("Where?");
    assertThat(at(".prose a")).hasAttribute("href", "https://example.org/a?b=1&c=2");
    assertThat(at(".prose a")).hasAttribute("rel", "noopener noreferrer nofollow");
    assertThat(at(".prose a")).hasAttribute("target", "_blank");
  }
}
