package io.otium.app.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.otium.core.data.Examples;
import io.otium.core.data.SplitMix64;
import io.otium.lm.data.LessonEncoding;
import io.otium.lm.data.TokenDocuments;
import io.otium.lm.data.smallworld.Lesson;
import io.otium.lm.data.smallworld.SmallWorld;
import io.otium.lm.text.ChatMessage;
import io.otium.lm.text.LabelledTokens;
import io.otium.lm.text.ModelText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What every system of a round trains on, as a file that Python reads too: always the same for a
 * model's tokenizer.
 *
 * @param rows of an update
 * @param rowLength tokens of a row
 * @param warmUps updates that are not timed
 * @param updates that are
 * @param learningRate of AdamW, constant
 * @param clip largest norm of all gradients
 * @param sequences {@code [documents][tokens]}: the id of a token to learn, or {@code ~id}
 */
public record TrainingData(
    int rows,
    int rowLength,
    int warmUps,
    int updates,
    double learningRate,
    double clip,
    List<int[]> sequences) {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final long SEED = 20_261_128;
  private static final double LEARNING_RATE = 5e-5;

  public TrainingData {
    sequences = List.copyOf(sequences);
  }

  /**
   * Texts and chats of the small world, as the model's tokenizer and template write them: running
   * text cut into rows, or chats of lengths spread evenly.
   */
  static TrainingData of(TrainingSize size, ModelText text) {
    var encoding = new LessonEncoding(text);
    List<int[]> sequences = size.packed() ? chats(size, encoding) : rows(size, encoding);
    return new TrainingData(
        size.rows(), size.rowLength(), size.warmUps(), size.updates(), LEARNING_RATE, 1, sequences);
  }

  private static List<int[]> rows(TrainingSize size, LessonEncoding encoding) {
    int[] stream = new int[Math.toIntExact(size.tokens())];
    int filled = 0;
    Examples<Lesson> lessons = new SmallWorld(SEED).lessons(Integer.MAX_VALUE);
    for (int lesson = 0; filled < stream.length; lesson++) {
      int[] tokens = encoding.encode(lessons.get(lesson)).tokens();
      int taken = Math.min(tokens.length, stream.length - filled);
      System.arraycopy(tokens, 0, stream, filled, taken);
      filled += taken;
    }
    List<int[]> rows = new ArrayList<>();
    for (int from = 0; from < stream.length; from += size.rowLength()) {
      rows.add(Arrays.copyOfRange(stream, from, from + size.rowLength()));
    }
    return rows;
  }

  private static List<int[]> chats(TrainingSize size, LessonEncoding encoding) {
    SplitMix64 random = SplitMix64.of(SEED, "chats");
    Examples<Lesson> lessons = new SmallWorld(SEED).lessons(Integer.MAX_VALUE);
    List<int[]> chats = new ArrayList<>();
    int lesson = 0;
    for (long total = 0; total < size.tokens(); ) {
      int length = random.between(size.shortest(), size.longest());
      List<ChatMessage> messages = new ArrayList<>();
      LabelledTokens chat = null;
      while (chat == null || chat.tokens().length < length) {
        lessons.get(lesson++).messages().stream()
            .filter(message -> !message.role().equals("system"))
            .forEach(messages::add);
        if (!messages.isEmpty()) chat = encoding.encode(new Lesson(messages, ""));
      }
      chats.add(labelled(chat, length));
      total += length;
    }
    return chats;
  }

  private static int[] labelled(LabelledTokens chat, int length) {
    int[] labelled = new int[length];
    for (int i = 0; i < length; i++) {
      labelled[i] = chat.learned()[i] ? chat.tokens()[i] : ~chat.tokens()[i];
    }
    return labelled;
  }

  /** The sequences as documents. */
  TokenDocuments documents() {
    return new TokenDocuments() {
      @Override
      public int size() {
        return sequences.size();
      }

      @Override
      public int length(int document) {
        return sequences.get(document).length;
      }

      @Override
      public int[] read(int document, int from, int count) {
        return Arrays.copyOfRange(sequences.get(document), from, from + count);
      }
    };
  }

  /** Writes the file that the systems are given. */
  Path write(Path file) throws IOException {
    MAPPER.writeValue(file.toFile(), this);
    return file;
  }

  /** Reads it. */
  public static TrainingData read(Path file) throws IOException {
    return MAPPER.readValue(file.toFile(), TrainingData.class);
  }
}
