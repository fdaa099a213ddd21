package io.otium.app.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class ConversationListTest extends InBrowser {
  @Test
  void aConversationIsRenamed() {
    ask("First words");
    at(".conversations li").hover();
    at(".conversations [data-action=rename]").click();
    at("#rename input").fill("A better name");
    press("Enter");
    assertThat(at(".conversations .current a")).hasText("A better name");
    assertThat(at("h1")).hasText("A better name");
    page().reload();
    assertThat(at("h1")).hasText("A better name");
  }

  @Test
  void searchFindsWordsInMessagesAndTitles() {
    answer = "The capital is Ulaanbaatar.";
    ask("Mongolia?");
    at(".new-chat").click();
    answer = "No idea 100%.";
    ask("Something else");
    at("#search").fill("ulaan");
    assertThat(at(".conversations li")).hasCount(1);
    assertThat(at(".conversations li a")).hasText("Mongolia?");
    at("#search").fill("100%");
    assertThat(at(".conversations li a")).hasText("Something else");
    at("#search").fill("nothing has this");
    assertThat(at(".conversations")).containsText("Nothing here");
  }

  @Test
  void aConversationIsDeletedOnlyWhenConfirmed() {
    ask("To be kept");
    at(".new-chat").click();
    ask("To be deleted");
    at(".conversations li").first().hover();
    at(".conversations [data-action=delete]").first().click();
    at("#confirm .plain").click();
    assertThat(at(".conversations li")).hasCount(2);
    at(".conversations li").first().hover();
    at(".conversations [data-action=delete]").first().click();
    at("#confirm .danger").click();
    assertThat(page()).hasURL(Pattern.compile(":\\d+/$"));
    assertThat(at(".conversations li")).hasCount(1);
    assertThat(at(".conversations li a")).hasText("To be kept");
  }

  @Test
  void deletingAConversationThatIsBeingAnsweredStopsTheAnswer() {
    model().hold();
    say("Go on for ever");
    model().allow(2);
    at(".conversations li").hover();
    at(".conversations [data-action=delete]").click();
    at("#confirm .danger").click();
    assertThat(at(".conversations li")).hasCount(0);
    assertThat(page()).hasURL(Pattern.compile(":\\d+/$"));
  }

  @Test
  void backAndForthShowTheRightConversation() {
    ask("One");
    at(".new-chat").click();
    ask("Two");
    page().goBack();
    assertThat(at("h1")).hasText("New conversation");
    page().waitForLoadState();
    page().goBack();
    assertThat(at("h1")).hasText("One");
    page().goForward();
    assertThat(at("h1")).hasText("New conversation");
  }
}
