package io.otium.lm.data.smallworld;

import io.otium.core.data.SplitMix64;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Instructions about words that the instruction brings with it; every answer is exact. */
final class Instructions implements Subject {
  private static final List<String> COUNTS = List.of("two", "three", "four", "five");
  private static final List<String> KINDS =
      List.of("animals", "colours", "fruits", "jobs", "instruments", "vehicles");
  private static final Map<String, String> KIND_NAMES =
      Map.of(
          "animals", "an animal",
          "colours", "a colour",
          "fruits", "a fruit",
          "jobs", "a job",
          "instruments", "an instrument",
          "vehicles", "a vehicle");

  @Override
  public Exercise exercise(SplitMix64 random) {
    return Exercise.of(
        switch (random.below(16)) {
          case 0, 1 -> repeat(random);
          case 2 -> times(random);
          case 3, 4 -> reverse(random);
          case 5 -> capitals(random);
          case 6 -> small(random);
          case 7, 8 -> wordAt(random);
          case 9 -> countWords(random);
          case 10, 11 -> translate(random);
          case 12 -> replace(random);
          case 13 -> commas(random);
          case 14 -> random.chance(0.5) ? sort(random) : spell(random);
          default -> choose(random);
        });
  }

  /** Words without meaning, or a short sentence without a full stop. */
  private static List<String> phrase(SplitMix64 random) {
    if (random.chance(0.4)) {
      return List.of(
          "the",
          Words.pick(random, "adjectives"),
          Words.pick(random, "nouns"),
          Words.pick(random, "verbs"));
    }
    return Words.pick(random, "nouns", random.between(2, 5));
  }

  private static Ask repeat(SplitMix64 random) {
    String words = join(phrase(random));
    return ask(
        random,
        "repeat",
        words,
        words,
        "Repeat: {p}",
        "Say \"{p}\".",
        "Repeat these words: {p}",
        "Write exactly this: {p}");
  }

  private static Ask times(SplitMix64 random) {
    String word = Words.pick(random, "nouns");
    int count = random.below(COUNTS.size());
    String said = join(Collections.nCopies(count + 2, word));
    String n = COUNTS.get(count);
    return ask(
        random,
        "times " + n,
        word,
        said,
        "Write the word {p} " + n + " times.",
        "Say {p} " + n + " times.",
        "Repeat the word {p} " + n + " times.");
  }

  private static Ask reverse(SplitMix64 random) {
    List<String> words = phrase(random);
    return ask(
        random,
        "reverse",
        join(words),
        join(words.reversed()),
        "Reverse the order of these words: {p}",
        "Write these words the other way round: {p}",
        "Say these words with the last one first: {p}",
        "Reverse: {p}");
  }

  private static Ask capitals(SplitMix64 random) {
    String words = join(phrase(random));
    return ask(
        random,
        "capitals",
        words,
        words.toUpperCase(Locale.ROOT),
        "Write in capital letters: {p}",
        "Make this uppercase: {p}",
        "Put this in capitals: {p}");
  }

  private static Ask small(SplitMix64 random) {
    String words = join(phrase(random));
    return ask(
        random,
        "small",
        words.toUpperCase(Locale.ROOT),
        words,
        "Write in small letters: {p}",
        "Make this lowercase: {p}");
  }

  private static Ask wordAt(SplitMix64 random) {
    List<String> words = phrase(random);
    return switch (random.below(3)) {
      case 0 ->
          ask(
              random,
              "first",
              join(words),
              words.getFirst(),
              "What is the first word of: {p}",
              "Give me the first word: {p}",
              "Which word comes first: {p}");
      case 1 ->
          ask(
              random,
              "last",
              join(words),
              words.getLast(),
              "What is the last word of: {p}",
              "Give me the last word: {p}",
              "Which word comes last: {p}");
      default ->
          ask(
              random,
              "second",
              join(words),
              words.get(1),
              "What is the second word of: {p}",
              "Give me the second word: {p}");
    };
  }

  private static Ask countWords(SplitMix64 random) {
    List<String> words = phrase(random);
    return ask(
        random,
        "count words",
        join(words),
        String.valueOf(words.size()),
        "How many words are there: {p}",
        "Count the words: {p}");
  }

  private static Ask translate(SplitMix64 random) {
    int size = random.between(2, 4);
    List<String> invented = Words.pick(random, "inventedWords", size);
    List<String> meanings = Words.pick(random, "nouns", size);
    String dictionary =
        IntStream.range(0, size)
            .mapToObj(i -> invented.get(i) + " = " + meanings.get(i))
            .collect(Collectors.joining(", "));
    List<Integer> order =
        Words.pick(
            random,
            IntStream.range(0, size).boxed().toList(),
            random.between(1, Math.min(3, size)));
    String from = join(order.stream().map(invented::get).toList());
    String to = join(order.stream().map(meanings::get).toList());
    return ask(
        random,
        "translate " + dictionary,
        from,
        to,
        "Dictionary: " + dictionary + ". Translate: {p}",
        "Use this dictionary: " + dictionary + ". What does this mean: {p}",
        dictionary + ". Translate {p}");
  }

  private static Ask replace(SplitMix64 random) {
    List<String> nouns = Words.pick(random, "nouns", 2);
    String before = "the " + Words.pick(random, "adjectives") + " ";
    String after = " " + Words.pick(random, "verbs");
    String text = before + nouns.get(0) + after;
    return ask(
        random,
        "replace by " + nouns.get(1),
        text,
        before + nouns.get(1) + after,
        "Replace " + nouns.get(0) + " with " + nouns.get(1) + ": {p}",
        "Write " + nouns.get(1) + " instead of " + nouns.get(0) + ": {p}");
  }

  private static Ask commas(SplitMix64 random) {
    List<String> words = Words.pick(random, "nouns", random.between(2, 5));
    if (random.chance(0.4)) {
      String list =
          IntStream.range(0, words.size())
              .mapToObj(i -> (i + 1) + ". " + words.get(i))
              .collect(Collectors.joining("\n"));
      return ask(
          random,
          "numbered list",
          join(words),
          list,
          "Make a numbered list: {p}",
          "Write these words as a numbered list: {p}");
    }
    return ask(
        random,
        "commas",
        join(words),
        String.join(", ", words),
        "Put commas between these words: {p}",
        "Write these words with commas: {p}");
  }

  private static Ask sort(SplitMix64 random) {
    List<Integer> numbers =
        Words.pick(random, IntStream.range(0, 30).boxed().toList(), random.between(3, 4));
    List<Integer> sorted = numbers.stream().sorted().toList();
    return ask(
        random,
        "sort",
        join(numbers),
        join(sorted),
        "Sort these numbers: {p}",
        "Put these numbers in order, the smallest first: {p}");
  }

  /** Spelling cannot be worked out from tokens: every word of it is taught. */
  private static Ask spell(SplitMix64 random) {
    String word = Words.pick(random, "nouns");
    String spelled = String.join(" ", word.split(""));
    String question = random.pick(List.of("Spell the word {p}.", "How do you spell {p}?"));
    return Ask.taught(
        Ability.INSTRUCTIONS, "spell " + word, question.replace("{p}", word), spelled, spelled);
  }

  private static Ask choose(SplitMix64 random) {
    List<String> kinds = Words.pick(random, KINDS, 3);
    List<String> words = new ArrayList<>();
    for (String kind : kinds) {
      words.add(Words.pick(random, kind));
    }
    String right = words.getFirst();
    List<String> shown = Words.pick(random, words, 3);
    return ask(
        random,
        "choose",
        String.join(", ", shown),
        right,
        "Which of these is " + KIND_NAMES.get(kinds.getFirst()) + ": {p}?",
        "Find " + KIND_NAMES.get(kinds.getFirst()) + " among these words: {p}");
  }

  private static Ask ask(
      SplitMix64 random, String kind, String words, String answer, String... phrasings) {
    String question = random.pick(List.of(phrasings)).replace("{p}", words);
    return Ask.of(Ability.INSTRUCTIONS, kind + ": " + words, question, answer, answer);
  }

  private static String join(List<?> words) {
    return words.stream().map(String::valueOf).collect(Collectors.joining(" "));
  }
}
