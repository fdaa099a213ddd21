package io.otium.app.console;

import java.nio.file.Path;

/** The console over a scripted model, to be looked at: {@code ConsolePreview [PORT [DATABASE]]}. */
public final class ConsolePreview {
  private ConsolePreview() {}

  private static final String ANSWER =
      """
      A **key-value cache** keeps what attention has already computed, so that each new token costs \
      one row of work instead of the whole prompt again.

      ### What is kept
      For every layer and every past token, two vectors: its *key* and its *value*. With 30 layers, \
      3 KV heads and a head size of 64 that is

      | | per token | at 4,096 tokens |
      | --- | ---: | ---: |
      | fp32 | 45 KiB | 180 MiB |
      | bf16 | 22.5 KiB | 90 MiB |

      ### What it saves
      1. **Without it**, step *t* runs attention for all *t* tokens: quadratic work in all.
      2. **With it**, step *t* computes one query and reads *t* cached rows.

      ```java
      float score(float[] query, MemorySegment keys, int slot) {
        float sum = 0;
        for (int d = 0; d < headDim; d++) {
          sum += query[d] * keys.getAtIndex(JAVA_FLOAT, (long) slot * headDim + d);
        }
        return sum / (float) Math.sqrt(headDim);
      }
      ```

      The price is memory, which grows with the conversation. Lazy policies such as \
      [LazyEviction](https://example.org) drop the slots that no longer receive attention.
      """;

  public static void main(String[] arguments) {
    int port = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 8090;
    Path database = arguments.length > 1 ? Path.of(arguments[1]) : ConsoleUnderTest.freshDatabase();
    ScriptedModel model = new ScriptedModel("smollm2-135m-instruct", messages -> ANSWER);
    model.slowDown(12);
    ConsoleUnderTest console = new ConsoleUnderTest(model, database, port);
    System.out.println("The console is at " + console.uri());
  }
}
