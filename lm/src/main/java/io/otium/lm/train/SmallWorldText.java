package io.otium.lm.train;

import io.otium.lm.data.LessonEncoding;
import io.otium.lm.data.TokenCache;
import io.otium.lm.data.smallworld.Lesson;
import io.otium.lm.data.smallworld.SmallWorld;
import io.otium.lm.text.ModelText;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Lessons that Otium writes. */
record SmallWorldText(int lessons, long seed) implements TrainingText {
  /** What a recipe calls it, in place of a file. */
  static final String NAME = "small-world";

  /** More teach a tokenizer nothing new. */
  private static final int READ = 20_000;

  @Override
  public String description() {
    return NAME + " " + SmallWorld.VERSION + "\n" + lessons + "\n" + seed;
  }

  @Override
  public void texts(Consumer<String> sink) {
    Lesson.texts(new SmallWorld(seed).lessons(Math.min(lessons, READ))).accept(sink);
  }

  @Override
  public TokenCache tokens(Path folder, ModelText model) {
    LessonEncoding encoding = new LessonEncoding(model);
    return TokenCache.of(
        folder,
        new SmallWorld(seed).lessons(lessons),
        description() + "\n" + encoding.description(),
        encoding::encode);
  }
}
