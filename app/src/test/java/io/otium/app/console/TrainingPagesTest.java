package io.otium.app.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.microsoft.playwright.options.FilePayload;
import io.otium.core.run.Run;
import io.otium.core.run.Runs;
import io.otium.lm.train.Recipe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Training from the browser: the form, what will be learnt, runs and their curves. */
final class TrainingPagesTest extends InBrowser {
  private static final String LESSONS =
      "{\"prompt\": \"Hello\", \"completion\": \"How can I help?\"}\n".repeat(20);

  @Test
  void aFileIsUploadedAndShowsWhatWillBeLearnt() {
    page().navigate(uri() + "/train");
    assertThat(at("#begin")).isDisabled();
    upload("lessons.jsonl", LESSONS);
    assertThat(at("#file")).containsText("lessons.jsonl");
    assertThat(at("#preview .document")).hasCount(3);
    assertThat(at("#preview .legend-text")).containsText("20 rows");
    String learnt =
        String.join("", at("#preview .document >> nth=0").locator(".learned").allTextContents());
    assertThat(learnt).contains("How can I help?").doesNotContain("Hello");
  }

  @Test
  void aBrokenFileIsRefusedByItsLines() {
    page().navigate(uri() + "/train");
    upload("broken.jsonl", "{\"text\": \"a\"}\nno\n");
    assertThat(at(".toast")).containsText("line 2");
    assertThat(at("#begin")).isDisabled();
    problems.removeIf(problem -> problem.contains("400"));
  }

  @Test
  void theFormHasEveryKeyOfARecipe() {
    page().navigate(uri() + "/train");
    assertThat(at("[name='recipe.lora_rank']")).isVisible();
    assertThat(at("[name='recipe.weight_decay']")).isHidden();
    at(".train summary").click();
    assertThat(at("[name='recipe.weight_decay']")).isVisible();
    int elsewhere = 3; // model, data and validation have places of their own
    assertThat(at("[name^='recipe.']")).hasCount(Recipe.OPTIONS.fields().size() - elsewhere);
  }

  @Test
  void aRunIsStartedWatchedAndCancelled() {
    page().navigate(uri() + "/train");
    upload("lessons.jsonl", LESSONS);
    at("[name='recipe.steps']").fill("1000000");
    at("[name='recipe.row_length']").fill("64");
    at("[name='recipe.batch_rows']").fill("1");
    at("#begin").click();
    assertThat(page()).hasURL(Pattern.compile("/runs/\\d+-\\d+-train"));
    assertThat(at("#run-status .tag")).hasText("running");
    assertThat(at("#run-status")).containsText("of 1,000,000");
    assertThat(at("#loss canvas")).hasCount(1);
    assertThat(at("#loss [data-now]")).hasText(Pattern.compile("\\d.*"));
    at("#run-status [hx-post$='/cancel']").click();
    assertThat(at("#run-status .tag")).hasText("cancelled");
    assertThat(at("#run-status [hx-post$='/resume']")).isVisible();
    assertThat(at(".log")).containsText("cancelled");
  }

  @Test
  void aValueThatIsNotAllowedIsASentence() {
    page().navigate(uri() + "/train");
    upload("lessons.jsonl", LESSONS);
    at("[name='recipe.evaluate_every']").evaluate("field => { field.value = '5'; }");
    at("#begin").click();
    assertThat(at(".toast")).containsText("held_out is 0");
    problems.removeIf(problem -> problem.contains("400"));
  }

  @Test
  void runsAreListedAndCompared() throws IOException {
    String first = run(2.0);
    String second = run(1.0);
    page().navigate(uri() + "/runs");
    assertThat(at("[data-run]")).hasCount(2);
    assertThat(at("[data-run='" + first + "'] .tag")).hasText("done");
    at("[aria-label='Compare " + first + "']").check();
    at("[aria-label='Compare " + second + "']").check();
    at("#compare-form [type=submit]").click();
    assertThat(at(".compared tbody tr")).hasCount(2);
    assertThat(at("#loss canvas")).hasCount(1);
    assertThat(at("#loss .legend")).containsText(first);
    assertThat(at("#loss .legend")).containsText(second);
    at(".compared a[href='/runs/" + first + "']").click();
    assertThat(at("#run-status .tag")).hasText("done");
    assertThat(at(".samples")).containsText("Ahoy!");
    at("#run-status a").click();
    assertThat(at("[name=model]")).hasValue("run:" + first);
  }

  @Test
  void theKeyboardReachesThePages() {
    page().navigate(uri());
    page().keyboard().press("Escape");
    at("#message").blur();
    press("g");
    press("r");
    assertThat(page()).hasURL(Pattern.compile("/runs$"));
    press("g");
    press("t");
    assertThat(page()).hasURL(Pattern.compile("/train$"));
  }

  /** A run that is done, with a loss that falls from twice the given one. */
  private String run(double loss) throws IOException {
    Runs runs = console().jobs.queue().runs();
    var options = JsonNodeFactory.instance.objectNode().put("model", "tiny").put("rate", loss);
    try (Run run = runs.start("train", options, 0)) {
      run.steps(20);
      for (int step = 1; step <= 20; step++) {
        run.metric(step, Map.of("loss", loss + loss / step, "learning_rate", 1e-4));
      }
      Files.writeString(run.artifact("samples.txt"), "step 10: Hi\nstep 20: Ahoy!\n");
      Files.createDirectories(run.artifact("model"));
      run.done();
      return run.id();
    }
  }

  private void upload(String name, String text) {
    at("#upload")
        .setInputFiles(new FilePayload(name, "text/plain", text.getBytes(StandardCharsets.UTF_8)));
  }
}
