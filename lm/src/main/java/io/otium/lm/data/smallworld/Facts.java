package io.otium.lm.data.smallworld;

import com.fasterxml.jackson.core.type.TypeReference;
import io.otium.core.data.SplitMix64;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What is true in the small world: relations of the real one, and an invented valley of thirty
 * people in ten towns. Of every fact, one phrasing of its question is held out.
 */
final class Facts implements Subject {
  /** Of a fact's subject and value in a relation. */
  record Fact(Relation relation, String a, String b) {}

  private static final double CHECK = 0.15;
  private static final double REVERSE = 0.15;
  private static final double UNKNOWN = 0.05;
  private static final double ABOUT = 0.06;

  /** How an answer may begin that is no name, and is small within a sentence. */
  private static final Pattern SMALL = Pattern.compile("^(A|An|The|There|After|Before|You|One) ");

  private final List<Fact> facts = new ArrayList<>();
  private final Map<String, List<Fact>> bySubject = new TreeMap<>();
  private final Map<String, List<String>> values = new TreeMap<>();
  private final Set<String> known = new HashSet<>();
  private final List<String> women = Words.list("valleyWomen");

  /**
   * @param seed of the invented part
   */
  Facts(long seed) {
    List<String> people = new ArrayList<>(women);
    people.addAll(Words.list("valleyMen"));
    for (Relation relation : Words.read("facts.yaml", new TypeReference<List<Relation>>() {})) {
      List<Fact> added =
          relation.invented()
              ? invent(relation, people, SplitMix64.of(seed, relation.id()))
              : relation.pairs().stream()
                  .map(pair -> new Fact(relation, pair.get(0), pair.get(1)))
                  .toList();
      facts.addAll(added);
      values.put(relation.id(), added.stream().map(Fact::b).distinct().toList());
      for (Fact fact : added) {
        known.add(relation.id() + "|" + fact.a + "|" + fact.b);
        if (relation.invented()) {
          bySubject.computeIfAbsent(fact.a, a -> new ArrayList<>()).add(fact);
        }
      }
    }
  }

  private static List<Fact> invent(Relation relation, List<String> people, SplitMix64 random) {
    List<String> subjects = relation.of().equals("people") ? people : Words.list(relation.of());
    List<String> from = relation.value().equals("people") ? people : Words.list(relation.value());
    List<String> drawn = new ArrayList<>();
    if (relation.distinct()) {
      drawn.addAll(Words.pick(random, from, subjects.size()));
      for (int i = 0; i < drawn.size(); i++) {
        // Nobody is the best friend of oneself.
        if (drawn.get(i).equals(subjects.get(i))) {
          Collections.swap(drawn, i, (i + 1) % drawn.size());
        }
      }
    } else {
      subjects.forEach(subject -> drawn.add(random.pick(from)));
    }
    List<Fact> facts = new ArrayList<>();
    for (int i = 0; i < drawn.size(); i++) {
      facts.add(new Fact(relation, subjects.get(i), drawn.get(i)));
    }
    return facts;
  }

  private List<Fact> about(String subject) {
    return bySubject.getOrDefault(subject, List.of());
  }

  private List<String> values(Relation relation) {
    return values.getOrDefault(relation.id(), List.of());
  }

  private Map<String, String> slots(Fact fact) {
    Map<String, String> slots = Words.person(fact.a, women.contains(fact.a));
    slots.put("a", fact.a);
    slots.put("b", fact.b);
    return slots;
  }

  /** Some sentences about a person or a town, or about things of one kind. */
  String paragraph(SplitMix64 random) {
    StringBuilder text = new StringBuilder();
    if (random.chance(0.6)) {
      List<Fact> about = random.pick(List.copyOf(bySubject.values()));
      List<Fact> told = Words.pick(random, about, random.between(2, about.size()));
      boolean named = false;
      for (Fact fact : told) {
        boolean follow = named && !fact.relation.follow().isEmpty() && random.chance(0.6);
        List<String> templates = follow ? fact.relation.follow() : fact.relation.statements();
        text.append(text.isEmpty() ? "" : " ")
            .append(Words.sentence(random.pick(templates), slots(fact)));
        named = true;
      }
      return text.toString();
    }
    Fact first = random.pick(facts);
    List<Fact> like = facts.stream().filter(f -> f.relation == first.relation).toList();
    for (Fact fact : Words.pick(random, like, random.between(1, Math.min(5, like.size())))) {
      text.append(text.isEmpty() ? "" : " ")
          .append(Words.sentence(random.pick(fact.relation.statements()), slots(fact)));
    }
    return text.toString();
  }

  @Override
  public Exercise exercise(SplitMix64 random) {
    if (random.chance(UNKNOWN)) {
      return Exercise.of(unknown(random));
    }
    if (random.chance(ABOUT)) {
      return Exercise.of(tellAbout(random));
    }
    Fact first = random.pick(facts);
    List<Fact> about =
        first.relation.invented()
            ? Words.pick(random, about(first.a), random.between(1, 3))
            : List.of(first);
    return new Exercise("", about.stream().map(fact -> ask(random, fact)).toList());
  }

  private Ask ask(SplitMix64 random, Fact fact) {
    Relation relation = fact.relation;
    Map<String, String> slots = slots(fact);
    String name = relation.id() + " of " + fact.a;
    if (random.chance(CHECK)) {
      return check(random, fact, slots, name);
    }
    if (!relation.reverse().isEmpty() && random.chance(REVERSE)) {
      String question = Words.sentence(random.pick(relation.reverse()), slots);
      String answer = Words.sentence(relation.reverseAnswer(), slots);
      return Ask.taught(Ability.FACTS, "reverse " + name, question, answer, fact.a);
    }
    int phrasing = random.below(relation.questions().size());
    String question = Words.sentence(relation.questions().get(phrasing), slots);
    String answer = Words.sentence(relation.answer(), slots);
    boolean heldOut = phrasing == Math.floorMod(name.hashCode(), relation.questions().size());
    return new Ask(
        Ability.FACTS, name + ", phrasing " + phrasing, question, answer, fact.b, heldOut);
  }

  private Ask check(SplitMix64 random, Fact fact, Map<String, String> slots, String name) {
    Relation relation = fact.relation;
    String claimed = random.chance(0.5) ? fact.b : random.pick(values(relation));
    boolean yes = known.contains(relation.id() + "|" + fact.a + "|" + claimed);
    Map<String, String> claim = new TreeMap<>(slots);
    claim.put("b", claimed);
    String answer = Words.fill(relation.answer(), slots);
    String truth =
        SMALL.matcher(answer).find()
            ? Character.toLowerCase(answer.charAt(0)) + answer.substring(1)
            : answer;
    return Ask.taught(
        Ability.FACTS,
        "check " + name,
        Words.sentence(relation.check(), claim),
        (yes ? "Yes, " : "No, ") + truth,
        yes ? "Yes" : "No");
  }

  /** The first three things that are known about a person or a town. */
  private Ask tellAbout(SplitMix64 random) {
    String subject = random.pick(List.copyOf(bySubject.keySet()));
    boolean town = about(subject).getFirst().relation.of().equals("towns");
    StringBuilder answer = new StringBuilder();
    for (Fact fact : about(subject).subList(0, 3)) {
      List<String> follow = fact.relation.follow();
      answer
          .append(answer.isEmpty() ? "" : " ")
          .append(
              Words.sentence(
                  answer.isEmpty() ? fact.relation.answer() : follow.getFirst(), slots(fact)));
    }
    String who = town ? "What is " : "Who is ";
    String question =
        random.pick(
            List.of(who, "Tell me about ", "What do you know about ", "Tell me something about "));
    return Ask.taught(
        Ability.FACTS,
        "about " + subject,
        question + subject + (question.startsWith("Tell") ? "." : "?"),
        answer.toString(),
        answer.toString());
  }

  /** Somebody whom nothing is known about. */
  private Ask unknown(SplitMix64 random) {
    List<Fact> people = facts.stream().filter(f -> f.relation.of().equals("people")).toList();
    Relation relation = random.pick(people).relation;
    Map<String, String> slots = Words.person(random);
    slots.put("a", slots.get("name"));
    String question = Words.sentence(random.pick(relation.questions()), slots);
    return Ask.taught(
        Ability.FACTS,
        "unknown",
        question,
        "I do not know " + slots.get("name") + ".",
        "I do not know");
  }
}
