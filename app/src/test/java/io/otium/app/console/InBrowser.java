package io.otium.app.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import io.otium.lm.text.ChatMessage;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;

/**
 * A page in the system's Chromium, with the console behind it. Every test also holds that no
 * request left the host, that no script failed, and that the content policy was never hit.
 */
abstract class InBrowser {
  private static final List<String> NAMES =
      List.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome");

  private static @Nullable Playwright playwright;
  private static @Nullable Browser browser;

  private @Nullable ConsoleUnderTest console;
  private @Nullable BrowserContext context;
  private @Nullable Page page;
  final List<String> problems = new CopyOnWriteArrayList<>();
  final List<String> requests = new CopyOnWriteArrayList<>();

  /** What the model answers, whatever it is asked. */
  String answer = "Of course. Here is an *answer* in a few words.";

  Function<List<ChatMessage>, String> script() {
    return messages -> answer;
  }

  private static synchronized Browser chromium() {
    if (browser != null) {
      return browser;
    }
    @Nullable Path executable =
        Stream.concat(Stream.ofNullable(System.getenv("OTIUM_CHROMIUM")), NAMES.stream())
            .map(Path::of)
            .filter(Files::isExecutable)
            .findFirst()
            .orElse(null);
    if (executable == null) {
      String missing =
          "needs Chromium: none at " + String.join(", ", NAMES) + " nor at $OTIUM_CHROMIUM";
      assertThat(System.getenv("CI")).as(missing).isNotEqualTo("true");
      Assumptions.abort(missing);
    }
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(executable)
                    .setHeadless(true)
                    .setArgs(
                        List.of(
                            "--no-sandbox",
                            "--disable-gpu",
                            "--disable-quic",
                            "--no-first-run",
                            "--disable-background-networking",
                            "--disable-component-update",
                            "--disable-sync")));
    return browser;
  }

  @BeforeEach
  void open() {
    Browser chromium = chromium();
    ScriptedModel model = new ScriptedModel("smollm2-135m-instruct", script());
    console = new ConsoleUnderTest(model, ConsoleUnderTest.freshDatabase(), 0);
    context = chromium.newContext(options());
    context.onRequest(request -> requests.add(request.url()));
    page = context.newPage();
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error") && !expected(message.text())) {
            problems.add(message.text());
          }
        });
    page.onPageError(problems::add);
    page.onDialog(
        dialog -> {
          problems.add("a script opened a dialog: " + dialog.message());
          dialog.dismiss();
        });
    // A busy machine is slow, not wrong.
    page.setDefaultTimeout(90_000);
    PlaywrightAssertions.setDefaultAssertionTimeout(90_000);
    page.navigate(uri());
  }

  /** Size and colour scheme of the window. */
  Browser.NewContextOptions options() {
    return new Browser.NewContextOptions().setViewportSize(1280, 800);
  }

  /** Whether a message on the browser's console belongs to the test. */
  boolean expected(String message) {
    return false;
  }

  @AfterEach
  void close() {
    if (context != null) {
      context.close();
    }
    if (console != null) {
      String own = URI.create(console.uri()).getAuthority();
      console.close();
      assertThat(requests)
          .allSatisfy(
              url ->
                  assertThat(url.startsWith("data:") || URI.create(url).getAuthority().equals(own))
                      .as(url)
                      .isTrue());
      assertThat(problems).isEmpty();
    }
  }

  final ConsoleUnderTest console() {
    return Objects.requireNonNull(console);
  }

  final ScriptedModel model() {
    return console().model;
  }

  /**
   * The page as a person meets it: its scripts have run. Its address and parts show before that.
   */
  final Page page() {
    Page present = Objects.requireNonNull(page);
    present.waitForLoadState();
    return present;
  }

  final BrowserContext context() {
    return Objects.requireNonNull(context);
  }

  final String uri() {
    return console().uri();
  }

  final Locator at(String selector) {
    return page().locator(selector);
  }

  final void press(String key) {
    page().keyboard().press(key);
  }

  /** Types a message and sends it. */
  final void say(String text) {
    at("#message").fill(text);
    at("#message").press("Enter");
  }

  /** Says something and waits for the whole answer. */
  final void ask(String text) {
    int before = at(".turn").count();
    say(text);
    at(".turn").nth(before + 1).waitFor();
    finished();
  }

  final void finished() {
    at(".turn.assistant:not(.writing)").last().waitFor();
    page().waitForFunction("() => !document.querySelector('.writing')");
  }

  /** Whether the page is wider than its window. */
  final boolean scrollsSideways() {
    return (boolean)
        page()
            .evaluate(
                "document.documentElement.scrollWidth > innerWidth"
                    + " || [...document.querySelectorAll('main, .scroll, .page')]"
                    + ".some(e => e.scrollWidth > e.clientWidth)");
  }
}
