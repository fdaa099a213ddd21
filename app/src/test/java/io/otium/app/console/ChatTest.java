package io.otium.app.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class ChatTest extends InBrowser {
  @Test
  void enterSendsAndTheAnswerAppearsAsItIsWritten() {
    model().hold();
    say("Tell me something");
    model().allow(3);
    assertThat(at(".turn.user .said")).hasText("Tell me something");
    assertThat(at(".turn.writing .prose")).hasText("Of course. Here");
    assertThat(at(".turn.writing .figures")).containsText("tokens");
    assertThat(at(".send")).isHidden();
    model().allow(100);
    assertThat(at(".turn.assistant .prose"))
        .hasText("Of course. Here is an answer in a few words.");
    assertThat(at(".turn.assistant .prose em")).hasText("answer");
    finished();
    assertThat(at(".turn.assistant .figures")).containsText("first token");
    assertThat(at(".turn.assistant .figures")).containsText("tok/s");
    assertThat(at(".turn.assistant .figures")).containsText("KV slots");
    assertThat(at("#announce")).hasText("The answer is complete");
    assertThat(page()).hasURL(Pattern.compile("/chat/[0-9a-f]{16}$"));
    assertThat(at(".conversations .current a")).hasText("Tell me something");
  }

  @Test
  void shiftEnterMakesALine() {
    at("#message").fill("one");
    press("Shift+Enter");
    page().keyboard().type("two");
    assertThat(at("#message")).hasValue("one\ntwo");
    assertThat(at(".turn")).hasCount(0);
  }

  @Test
  void escapeStopsAndKeepsWhatWasWritten() {
    model().hold();
    say("Go on for ever");
    model().allow(2);
    assertThat(at(".turn.writing .prose")).hasText("Of course.");
    press("Escape");
    finished();
    assertThat(at(".turn.assistant .prose")).hasText("Of course.");
    assertThat(at(".turn.assistant .ending")).hasText("stopped");
    assertThat(at(".send")).isVisible();
  }

  @Test
  void theStopButtonStops() {
    model().hold();
    say("Go on for ever");
    model().allow(2);
    at(".stop").click();
    finished();
    assertThat(at(".turn.assistant .ending")).hasText("stopped");
  }

  @Test
  void answeringAgainKeepsTheOldAnswerBesideTheNewOne() {
    ask("Name a colour");
    answer = "Green.";
    at("#message").press("Escape");
    press("r");
    assertThat(at(".turn.assistant .prose")).hasText("Green.");
    finished();
    assertThat(at(".turn.assistant .versions")).containsText("2/2");
    at(".turn.assistant [aria-label='Previous version']").click();
    assertThat(at(".turn.assistant .prose")).containsText("Of course.");
    assertThat(at(".turn.assistant .versions")).containsText("1/2");
  }

  @Test
  void anEditedMessageIsAskedInPlaceOfTheOldOne() {
    ask("Name a colour");
    ask("And another");
    answer = "Seven.";
    at("#message").press("Escape");
    press("e");
    assertThat(at(".editor textarea")).hasValue("And another");
    at(".editor textarea").fill("Now a number");
    press("Enter");
    assertThat(at(".turn.assistant").last().locator(".prose")).hasText("Seven.");
    finished();
    assertThat(at(".turn")).hasCount(4);
    assertThat(model().lastPrompt())
        .extracting(message -> message.content())
        .containsExactly(
            "Name a colour", "Of course. Here is an *answer* in a few words.", "Now a number");
    assertThat(at(".turn.user .versions")).containsText("2/2");
  }

  @Test
  void escapeLeavesTheEditorWithoutAChange() {
    ask("Name a colour");
    at(".turn.user").hover();
    at("[data-edit]").click();
    at(".editor[data-begun] textarea").fill("Something else"); // begun: the page has taken it up
    press("Escape");
    assertThat(at(".turn.user .said")).hasText("Name a colour");
  }

  @Test
  void reloadKeepsTheConversation() {
    ask("Remember this");
    page().reload();
    assertThat(at(".turn.user .said")).hasText("Remember this");
    assertThat(at(".turn.assistant .prose")).containsText("Of course.");
    assertThat(at(".turn.assistant .figures")).containsText("tok/s");
    ask("And this");
    assertThat(model().lastPrompt()).hasSize(3);
  }

  @Test
  void reloadHalfWayGoesOnWithTheAnswer() {
    model().hold();
    say("Take your time");
    model().allow(2);
    assertThat(at(".turn.writing .prose")).hasText("Of course.");
    page().reload();
    assertThat(at(".turn.writing .prose")).hasText("Of course.");
    model().allow(100);
    finished();
    assertThat(at(".turn.assistant .prose"))
        .hasText("Of course. Here is an answer in a few words.");
  }

  @Test
  void aRefusalIsTheAnswersSentence() {
    answer = ScriptedModel.REFUSE;
    say("Too long");
    assertThat(at(".failure")).containsText("longer than the context");
    answer = "Now it works.";
    at("#message").press("Escape");
    press("r");
    assertThat(at(".turn.assistant .prose")).hasText("Now it works.");
    finished();
  }

  @Test
  void theSystemPromptAndTheSettingsReachTheModel() {
    at("[data-action=settings]").first().click();
    at("[name=system]").fill("Answer in Latin.");
    at("[name='set.temperature']").fill("0.25");
    at("[name='set.stop']").fill("END");
    ask("Salve");
    assertThat(model().lastPrompt().getFirst().content()).isEqualTo("Answer in Latin.");
    var options = model().requests.getLast().options();
    assertThat(options.temperature()).isEqualTo(0.25f);
    assertThat(options.stop()).containsExactly("END");
    at("[name='set.temperature']").fill("0.5");
    page().waitForResponse("**/settings", () -> at("[name='set.temperature']").press("Tab"));
    ask("Iterum");
    assertThat(model().requests.getLast().options().temperature()).isEqualTo(0.5f);
    page().reload();
    assertThat(at("[name='set.temperature']")).hasValue("0.5");
    assertThat(at("[name=system]")).hasValue("Answer in Latin.");
  }

  @Test
  void aChosenModelAnswers() {
    at(".model select").selectOption("smollm2-360m-instruct");
    ask("Are you there?");
    assertThat(at(".turn.assistant .prose")).hasText("Yes.");
  }

  @Test
  void codeInAKnownLanguageIsColouredAndOtherCodeIsLeftAlone() {
    answer = "Java:\n```java\nreturn \"<b>\";\n```\nNone:\n```nolanguage\nreturn 1;\n```\nDone.";
    ask("Code");
    assertThat(at(".code").first().locator(".hljs-keyword")).hasText("return");
    assertThat(at(".code").first().locator("code")).hasText("return \"<b>\";");
    assertThat(at(".code b")).hasCount(0);
    assertThat(at(".code").last().locator("span[class]")).hasCount(0);
    page().reload();
    assertThat(at(".hljs-string")).hasText("\"<b>\"");
  }

  @Test
  void withoutCodeNothingIsFetchedToColourIt() {
    answer = "Words.\n```\nplain\n```";
    ask("Words");
    assertThat(at(".code")).hasCount(1);
    assertThat(requests).noneMatch(url -> url.endsWith("/highlight.js"));
  }

  @Test
  void aCodeBlockIsCopiedAsItIs() {
    answer = "```java\nint a = 1 < 2 ? 3 : 4;\n```";
    context().grantPermissions(java.util.List.of("clipboard-read", "clipboard-write"));
    ask("Some code");
    at(".code [data-copy]").click();
    assertThat(at(".code [data-copy]")).hasText("Copied");
    assertThat(page().evaluate("navigator.clipboard.readText()"))
        .isEqualTo("int a = 1 < 2 ? 3 : 4;\n");
  }
}
