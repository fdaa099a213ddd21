package io.otium.lm.data.smallworld;

import io.otium.core.data.SplitMix64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Whole numbers up to 100: sums, differences, comparing, counting. */
final class Arithmetic implements Subject {
  private static final List<String> PLUS =
      List.of(
          "What is {a} + {b}?",
          "{a} + {b} = ?",
          "How much is {a} plus {b}?",
          "Add {a} and {b}.",
          "{a} + {b}",
          "What is {a} plus {b}?");
  private static final List<String> MINUS =
      List.of(
          "What is {a} - {b}?",
          "{a} - {b} = ?",
          "How much is {a} minus {b}?",
          "Subtract {b} from {a}.",
          "{a} - {b}",
          "What is {a} minus {b}?");
  private static final List<String> LARGER =
      List.of(
          "Which is larger, {a} or {b}?",
          "Which number is bigger: {a} or {b}?",
          "What is more, {a} or {b}?");
  private static final List<String> SMALLER =
      List.of(
          "Which is smaller, {a} or {b}?",
          "Which number is smaller: {a} or {b}?",
          "What is less, {a} or {b}?");

  /** A sum or difference as a line of text. */
  String line(SplitMix64 random) {
    while (true) {
      boolean plus = random.chance(0.5);
      int a = random.below(101);
      int b = random.below(plus ? 101 - a : a + 1);
      if (!Ask.heldOut(plus ? sum(a, b) : difference(a, b))) {
        return plus ? a + " + " + b + " = " + (a + b) : a + " - " + b + " = " + (a - b);
      }
    }
  }

  @Override
  public Exercise exercise(SplitMix64 random) {
    int kind = random.below(20);
    if (kind < 7) {
      return Exercise.of(add(random));
    } else if (kind < 13) {
      return Exercise.of(subtract(random));
    } else if (kind < 16) {
      return Exercise.of(compare(random));
    } else if (kind < 18) {
      return Exercise.of(neighbour(random));
    }
    return Exercise.of(random.chance(0.5) ? count(random) : isGreater(random));
  }

  /** The case of a sum, whichever of its numbers comes first. */
  static String sum(int a, int b) {
    return "sum " + Math.min(a, b) + " " + Math.max(a, b);
  }

  static String difference(int a, int b) {
    return "difference " + a + " " + b;
  }

  private static Ask add(SplitMix64 random) {
    int a = random.below(101);
    int b = random.below(101 - a);
    String answer = a + " + " + b + " = " + (a + b) + ".";
    return ask(sum(a, b), fill(random.pick(PLUS), a, b), answer, a + b);
  }

  private static Ask subtract(SplitMix64 random) {
    int a = random.below(101);
    int b = random.below(a + 1);
    String answer = a + " - " + b + " = " + (a - b) + ".";
    return ask(difference(a, b), fill(random.pick(MINUS), a, b), answer, a - b);
  }

  private static Ask compare(SplitMix64 random) {
    int a = random.below(101);
    int b = (a + 1 + random.below(100)) % 101;
    boolean larger = random.chance(0.5);
    int answer = larger ? Math.max(a, b) : Math.min(a, b);
    String question = fill(random.pick(larger ? LARGER : SMALLER), a, b);
    String topic = "compare " + Math.min(a, b) + " " + Math.max(a, b);
    return ask(topic, question, answer + (larger ? " is larger." : " is smaller."), answer);
  }

  private static Ask isGreater(SplitMix64 random) {
    int a = random.below(101);
    int b = (a + 1 + random.below(100)) % 101;
    boolean yes = a > b;
    String answer =
        (yes ? "Yes, " : "No, ") + a + (yes ? " is greater than " : " is less than ") + b + ".";
    return Ask.of(
        Ability.ARITHMETIC,
        "compare " + Math.min(a, b) + " " + Math.max(a, b),
        fill("Is {a} greater than {b}?", a, b),
        answer,
        yes ? "Yes" : "No");
  }

  private static Ask neighbour(SplitMix64 random) {
    int a = random.between(1, 99);
    boolean after = random.chance(0.5);
    String word = after ? "after" : "before";
    int answer = after ? a + 1 : a - 1;
    String question =
        random.chance(0.5)
            ? "What number comes " + word + " " + a + "?"
            : "Which number is just " + word + " " + a + "?";
    return ask(
        word + " " + a, question, Words.capital(word) + " " + a + " comes " + answer + ".", answer);
  }

  private static Ask count(SplitMix64 random) {
    int from = random.between(1, 80);
    int to = from + random.between(2, 8);
    boolean back = random.chance(0.3);
    String numbers =
        IntStream.rangeClosed(0, to - from)
            .mapToObj(i -> String.valueOf(back ? to - i : from + i))
            .collect(Collectors.joining(", "));
    String question =
        back
            ? "Count back from " + to + " to " + from + "."
            : fill("Count from {a} to {b}.", from, to);
    return Ask.of(
        Ability.ARITHMETIC, "count " + from + " " + to + " " + back, question, numbers, numbers);
  }

  private static Ask ask(String topic, String question, String answer, int key) {
    return Ask.of(Ability.ARITHMETIC, topic, question, answer, String.valueOf(key));
  }

  private static String fill(String template, int a, int b) {
    return Words.fill(
        template, new TreeMap<>(Map.of("a", String.valueOf(a), "b", String.valueOf(b))));
  }
}
