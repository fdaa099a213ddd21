package io.otium.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ExamplesTest {
  private static final String TINY =
      Path.of("..", "lm", "src", "test", "resources", "models", "tiny-chat").toString();

  private interface Main {
    void run(String... args) throws IOException;
  }

  private static String printedBy(Main main) throws IOException {
    PrintStream console = System.out;
    var captured = new ByteArrayOutputStream();
    System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
    try {
      main.run(TINY);
    } finally {
      System.setOut(console);
    }
    return captured.toString(StandardCharsets.UTF_8);
  }

  @Test
  void askAModelPrintsAnAnswer() throws IOException {
    assertThat(printedBy(AskAModel::main)).endsWith(System.lineSeparator()).hasSizeGreaterThan(1);
  }

  @Test
  void streamAnAnswerPrintsItAndItsLength() throws IOException {
    assertThat(printedBy(StreamAnAnswer::main)).containsPattern("\\d+ tokens\\R$");
  }

  @Test
  void writeALoopLearns() throws IOException {
    assertThat(printedBy(WriteALoop::main)).containsPattern("step 200: loss 0\\.[012]");
  }

  @Test
  void teachAModelTeachesIt() throws IOException {
    String printed = printedBy(TeachAModel::main);
    assertThat(loss(printed, 10)).isLessThan(loss(printed, 1));
    assertThat(printed.lines().toList()).hasSize(11);
  }

  private static double loss(String printed, int step) {
    return printed
        .lines()
        .filter(line -> line.startsWith("step " + step + ":"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }
}
