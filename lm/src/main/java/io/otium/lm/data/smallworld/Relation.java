package io.otium.lm.data.smallworld;

import java.util.List;

/**
 * A relation between subjects and values, and how it is spoken of; see {@code facts.yaml}.
 *
 * @param of list of the subjects, where the relation is of the invented world
 * @param value list of their values
 * @param distinct whether no two subjects have the same value
 * @param follow statements about a subject that was named just before
 * @param check a question that is answered by yes or no
 * @param reverse questions for the subject of a value
 * @param pairs subjects and values, where the relation is of the real world
 */
record Relation(
    String id,
    String of,
    String value,
    boolean distinct,
    List<String> statements,
    List<String> follow,
    List<String> questions,
    String answer,
    String check,
    List<String> reverse,
    String reverseAnswer,
    List<List<String>> pairs) {
  Relation {
    of = of == null ? "" : of;
    value = value == null ? "" : value;
    follow = follow == null ? List.of() : List.copyOf(follow);
    reverse = reverse == null ? List.of() : List.copyOf(reverse);
    reverseAnswer = reverseAnswer == null ? "" : reverseAnswer;
    pairs = pairs == null ? List.of() : List.copyOf(pairs);
  }

  boolean invented() {
    return pairs.isEmpty();
  }
}
