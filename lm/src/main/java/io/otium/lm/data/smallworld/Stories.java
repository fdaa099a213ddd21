package io.otium.lm.data.smallworld;

import com.fasterxml.jackson.core.type.TypeReference;
import io.otium.core.data.SplitMix64;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Short stories from a few plots, and questions about them. */
final class Stories implements Subject {
  /**
   * A plot; see {@code stories.yaml}.
   *
   * @param sentences variants of each sentence
   * @param questions question, answer and key
   */
  record Plot(List<List<String>> sentences, List<List<String>> questions) {}

  private static final List<String> TIMES = List.of("morning", "afternoon", "evening", "day");
  private static final List<String> WEATHERS =
      List.of("sunny", "rainy", "windy", "cold", "warm", "cloudy");
  private static final List<String> HAPPY = List.of("happy", "glad");
  private static final List<String> SAD = List.of("sad", "unhappy");

  /** How often the story itself is the answer. */
  private static final double TELL = 0.15;

  private final List<Plot> plots = Words.read("stories.yaml", new TypeReference<List<Plot>>() {});

  @Override
  public Exercise exercise(SplitMix64 random) {
    Map<String, String> slots = Words.person(random);
    String name = String.valueOf(slots.get("name"));
    String friend = name;
    while (friend.equals(name)) {
      friend = String.valueOf(Words.person(random).get("name"));
    }
    slots.put("friend", friend);
    slots.put("object", Words.pick(random, "objects"));
    slots.put("colour", Words.pick(random, "colours"));
    slots.put("place", Words.pick(random, "places"));
    slots.put("spot", Words.pick(random, "spots"));
    slots.put("animal", Words.pick(random, "animals"));
    slots.put("food", Words.pick(random, "foods"));
    slots.put("drink", Words.pick(random, "drinks"));
    slots.put("instrument", Words.pick(random, "instruments"));
    slots.put("time", random.pick(TIMES));
    slots.put("weather", random.pick(WEATHERS));
    slots.put("happy", random.pick(HAPPY));
    slots.put("sad", random.pick(SAD));
    int number = random.below(plots.size());
    Plot plot = plots.get(number);
    List<String> sentences = new ArrayList<>();
    for (List<String> variants : plot.sentences) {
      sentences.add(Words.sentence(random.pick(variants), slots));
    }
    String story = String.join(" ", sentences);
    if (random.chance(TELL)) {
      String question =
          random.pick(
              List.of("Tell me a story.", "Tell me a story about {name}.", "Write a story."));
      return Exercise.of(
          Ask.taught(Ability.TALK, "tell a story", Words.fill(question, slots), story, story));
    }
    List<Ask> asks = new ArrayList<>();
    for (List<String> question : plot.questions) {
      String answer = Words.sentence(question.get(1), slots);
      asks.add(
          Ask.of(
              Ability.READING,
              "story " + number + " " + name + ": " + answer,
              Words.sentence(question.get(0), slots),
              answer,
              Words.fill(question.get(2), slots)));
    }
    return new Exercise(story, Words.pick(random, asks, random.between(1, 3)));
  }
}
