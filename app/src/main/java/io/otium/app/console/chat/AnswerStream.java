package io.otium.app.console.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * An answer as server-sent events: {@code answer} with the blocks that changed and the figures,
 * then {@code done} with the finished turn. A browser that comes back gets everything again.
 *
 * @param answers where it is written
 * @param figures HTML of the figures
 * @param turn HTML of a finished turn
 */
public record AnswerStream(
    Answers answers,
    Function<List<Figures.Shown>, String> figures,
    Function<Message, String> turn) {
  private static final JsonMapper JSON = new JsonMapper();

  /** A reader sees 25 changes a second at most: smoother is not seen, and costs layout. */
  private static final int FRAME_MS = 40;

  /** A comment this often finds out whether anybody still reads. */
  private static final int PING_MS = 10_000;

  /** Writes until the answer ends; throws when the reader has left. */
  public void write(Message message, OutputStream out) throws IOException, InterruptedException {
    Answer answer = answers.find(message.id()).orElse(null);
    if (answer == null) {
      done(out, answers.reload(message));
      return;
    }
    answer.readerCame();
    try {
      List<String> sent = List.of();
      long seen = -1;
      while (true) {
        Answer.Snapshot now = answer.after(seen, PING_MS);
        if (now.ended()) {
          done(out, Answers.current(message, now));
          return;
        }
        if (now.version() == seen) {
          out.write(": waiting\n\n".getBytes(StandardCharsets.UTF_8));
          out.flush();
          continue;
        }
        List<String> blocks = Markdown.blocks(now.text());
        int from = common(sent, blocks);
        event(
            out,
            "answer",
            Map.of(
                "from",
                from,
                "blocks",
                blocks.subList(from, blocks.size()),
                "figures",
                figures.apply(now.figures().shown())));
        sent = blocks;
        seen = now.version();
        Thread.sleep(FRAME_MS);
      }
    } finally {
      answer.readerLeft();
    }
  }

  private void done(OutputStream out, Message message) throws IOException {
    event(out, "done", Map.of("html", turn.apply(message)));
  }

  private static void event(OutputStream out, String name, Map<String, Object> data)
      throws IOException {
    try {
      String json = JSON.writeValueAsString(data); // one line: JSON escapes line ends
      out.write(("event: " + name + "\ndata: " + json + "\n\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int common(List<String> before, List<String> after) {
    int same = 0;
    while (same < before.size()
        && same < after.size()
        && before.get(same).equals(after.get(same))) {
      same++;
    }
    return same;
  }
}
