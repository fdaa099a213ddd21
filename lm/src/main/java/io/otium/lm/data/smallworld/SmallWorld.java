package io.otium.lm.data.smallworld;

import io.otium.core.data.Examples;
import io.otium.core.data.SplitMix64;
import io.otium.lm.text.ChatMessage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A small world and the lessons in it: what a model of our own is trained on and examined in. A
 * lesson is a pure function of the seed and its number, so there are as many as one asks for.
 *
 * <p>What is examined is not in the lessons: one case in ten of those that can be worked out (sums,
 * texts, instructions) is held out by its name, for every seed; of a fact, one phrasing of its
 * question is.
 */
public final class SmallWorld {
  /** Changes when the lessons of a seed do. */
  public static final int VERSION = 2;

  private static final double SYSTEM = 0.12;
  private static final double ONE_WORD = 0.08;
  private static final double CARELESS = 0.06;
  private static final double AMERICAN = 0.1;
  private static final double GREETING = 0.06;
  private static final double THANKS = 0.06;
  private static final double ANOTHER = 0.2;

  /** How many chats are long ones, and how often those go on. */
  private static final double LONG = 0.02;

  private static final double LONG_ANOTHER = 0.94;

  /** Exercises that are looked through for a question of an exam. */
  private static final int TRIES = 1_000;

  private static final List<String> SYSTEMS =
      List.of(
          "You are a helpful assistant.",
          "You are Otium's small language model.",
          "Answer the user's questions.");
  private static final String IN_ONE_WORD = "Answer with one word.";

  private final long seed;
  private final Facts facts;
  private final Stories stories = new Stories();
  private final Readings readings = new Readings();
  private final Arithmetic arithmetic = new Arithmetic();
  private final Instructions instructions = new Instructions();
  private final Talk talk = new Talk();

  /**
   * @param seed of the lessons; the invented people and towns are the same for every seed
   */
  public SmallWorld(long seed) {
    this.seed = seed;
    this.facts = new Facts(1);
  }

  /** That many lessons, each made when it is asked for. */
  public Examples<Lesson> lessons(int size) {
    return Examples.generated(size, this::lesson);
  }

  private Lesson lesson(int number) {
    SplitMix64 random = SplitMix64.of(seed, "lesson", number);
    int kind = random.below(100);
    if (kind < 12) {
      return text(facts.paragraph(random));
    } else if (kind < 20) {
      Exercise story = stories.exercise(random);
      return text(story.text().isEmpty() ? story.asks().getFirst().answer() : story.text());
    } else if (kind < 23) {
      List<String> lines = new ArrayList<>();
      for (int i = random.between(2, 8); i > 0; i--) {
        lines.add(arithmetic.line(random));
      }
      return text(String.join("\n", lines));
    }
    return chat(random);
  }

  private static Lesson text(String text) {
    return new Lesson(List.of(), text);
  }

  private Subject subject(SplitMix64 random) {
    int kind = random.below(100);
    if (kind < 33) {
      return facts;
    } else if (kind < 51) {
      return readings;
    } else if (kind < 57) {
      return stories;
    } else if (kind < 77) {
      return arithmetic;
    }
    return kind < 96 ? instructions : talk;
  }

  private Lesson chat(SplitMix64 random) {
    List<ChatMessage> messages = new ArrayList<>();
    boolean oneWord = random.chance(ONE_WORD);
    double another = random.chance(LONG) ? LONG_ANOTHER : ANOTHER;
    if (random.chance(SYSTEM)) {
      messages.add(ChatMessage.system(random.pick(SYSTEMS)));
    }
    if (random.chance(GREETING)) {
      add(messages, "", talk.greeting(random), false, random);
    }
    do {
      Exercise exercise = taught(subject(random), random);
      String text = exercise.text();
      for (Ask ask : exercise.asks().subList(0, random.between(1, exercise.asks().size()))) {
        add(messages, text, ask, oneWord, random);
        text = "";
      }
    } while (random.chance(another));
    if (random.chance(THANKS)) {
      add(messages, "", talk.thanks(random), false, random);
    }
    return new Lesson(messages, "");
  }

  /** An exercise without what is held out. */
  private static Exercise taught(Subject subject, SplitMix64 random) {
    while (true) {
      Exercise exercise = subject.exercise(random);
      List<Ask> taught = exercise.asks().stream().filter(ask -> !ask.heldOut()).toList();
      if (!taught.isEmpty()) {
        // Three questions on a text are enough.
        return new Exercise(exercise.text(), taught.subList(0, Math.min(3, taught.size())));
      }
    }
  }

  private static void add(
      List<ChatMessage> messages, String text, Ask ask, boolean oneWord, SplitMix64 random) {
    boolean key = oneWord && ask.ability() != Ability.TALK && ask.key().matches("\\w+");
    String question = ask.question();
    boolean words = ask.ability() == Ability.FACTS || ask.ability() == Ability.READING;
    if (words && random.chance(CARELESS)) {
      question = question.toLowerCase(Locale.ROOT).replace("?", "");
    }
    if (words && random.chance(AMERICAN)) {
      question = question.replace("olour", "olor").replace("avourite", "avorite");
    }
    if (key) {
      question += " " + IN_ONE_WORD;
    }
    messages.add(ChatMessage.user(join(text, question, random)));
    messages.add(ChatMessage.assistant(key ? Words.capital(ask.key()) : ask.answer()));
  }

  private static String join(String text, String question, SplitMix64 random) {
    return text.isEmpty() ? question : text + (random.chance(0.3) ? "\n" : " ") + question;
  }

  /**
   * Questions that no lesson of any seed has, each of another case.
   *
   * @param ability not {@link Ability#TALK}
   * @throws IllegalArgumentException for talk, of which nothing is held out, or if there are not
   *     that many
   */
  public List<Exam> exam(Ability ability, int size) {
    SplitMix64 random = SplitMix64.of(seed, "exam " + ability);
    List<Exam> exam = new ArrayList<>();
    Set<String> topics = new HashSet<>();
    for (int tries = 0; exam.size() < size; tries++) {
      if (tries > TRIES + TRIES * size) {
        throw new IllegalArgumentException(
            "of %s, %d questions are held out, not %d".formatted(ability, exam.size(), size));
      }
      Subject subject =
          switch (ability) {
            case FACTS -> facts;
            case READING -> random.chance(0.75) ? readings : stories;
            case ARITHMETIC -> arithmetic;
            case INSTRUCTIONS -> instructions;
            case TALK -> throw new IllegalArgumentException("nothing of talk is held out");
          };
      Exercise exercise = subject.exercise(random);
      for (Ask ask : exercise.asks()) {
        if (ask.heldOut() && topics.add(ask.topic())) {
          exam.add(
              new Exam(
                  List.of(ChatMessage.user(join(exercise.text(), ask.question(), random))), ask));
          break;
        }
      }
    }
    return exam;
  }
}
