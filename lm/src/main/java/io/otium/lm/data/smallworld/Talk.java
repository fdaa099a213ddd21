package io.otium.lm.data.smallworld;

import com.fasterxml.jackson.core.type.TypeReference;
import io.otium.core.data.SplitMix64;
import java.util.List;

/** Greetings, thanks, and what one asks a stranger. */
final class Talk implements Subject {
  record Turn(List<String> ask, List<String> answer) {}

  private static final int GREETING = 0;
  private static final int THANKS = 5;

  private final List<Turn> turns = Words.read("talk.yaml", new TypeReference<List<Turn>>() {});

  @Override
  public Exercise exercise(SplitMix64 random) {
    return Exercise.of(ask(random, random.below(turns.size())));
  }

  Ask greeting(SplitMix64 random) {
    return ask(random, GREETING);
  }

  Ask thanks(SplitMix64 random) {
    return ask(random, THANKS);
  }

  private Ask ask(SplitMix64 random, int turn) {
    String answer = random.pick(turns.get(turn).answer);
    return Ask.taught(
        Ability.TALK, "talk " + turn, random.pick(turns.get(turn).ask), answer, answer);
  }
}
