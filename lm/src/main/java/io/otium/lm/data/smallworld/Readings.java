package io.otium.lm.data.smallworld;

import io.otium.core.data.SplitMix64;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Short texts about people nobody has heard of, and questions that only the text answers. */
final class Readings implements Subject {
  private static final double ABSENT = 0.08;

  @Override
  public Exercise exercise(SplitMix64 random) {
    return switch (random.below(10)) {
      case 0, 1, 2 -> coloured(random);
      case 3, 4 -> places(random);
      case 5 -> gifts(random);
      case 6 -> order(random);
      case 7 -> amounts(random);
      case 8 -> likes(random);
      default -> introduction(random);
    };
  }

  private static List<String> names(SplitMix64 random, int count) {
    List<String> names = new ArrayList<>(Words.list("women"));
    names.addAll(Words.list("men"));
    return Words.pick(random, names, count);
  }

  private static Exercise coloured(SplitMix64 random) {
    int count = random.between(1, 4);
    List<String> names = names(random, count + 1);
    List<String> objects = Words.pick(random, "objects", count);
    List<String> colours = Words.pick(random, "colours", count);
    StringBuilder text = new StringBuilder();
    List<Ask> asks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Map<String, String> slots =
          slots("name", names.get(i), "object", objects.get(i), "colour", colours.get(i));
      add(
          text,
          random,
          slots,
          "{name} has a {colour} {object}.",
          "{name}'s {object} is {colour}.",
          "{name} bought a {colour} {object}.");
      String topic = "colour " + names.get(i) + " " + objects.get(i) + " " + colours.get(i);
      asks.add(
          ask(
              random,
              topic,
              slots,
              "{name}'s {object} is {colour}.",
              "colour",
              "What colour is {name}'s {object}?",
              "Which colour does {name}'s {object} have?",
              "What is the colour of {name}'s {object}?"));
      asks.add(
          ask(
              random,
              topic,
              slots,
              "{name} has the {colour} {object}.",
              "name",
              "Who has the {colour} {object}?",
              "Whose {object} is {colour}?"));
      boolean yes = random.chance(0.5);
      String claimed = yes ? colours.get(i) : Words.pick(random, "colours");
      yes = claimed.equals(colours.get(i));
      Map<String, String> claim = new TreeMap<>(slots);
      claim.put("claimed", claimed);
      asks.add(
          Ask.of(
              Ability.READING,
              topic,
              Words.fill("Is {name}'s {object} {claimed}?", claim),
              (yes ? "Yes, " : "No, ") + Words.fill("{name}'s {object} is {colour}.", slots),
              yes ? "Yes" : "No"));
    }
    if (random.chance(ABSENT)) {
      Map<String, String> slots =
          slots("name", names.getLast(), "object", random.pick(objects), "colour", "");
      return new Exercise(
          text.toString(),
          List.of(
              Ask.taught(
                  Ability.READING,
                  "absent",
                  Words.fill("What colour is {name}'s {object}?", slots),
                  Words.fill("The text does not say that.", slots),
                  "does not say")));
    }
    return new Exercise(text.toString(), Words.pick(random, asks, asks.size()));
  }

  private static Exercise places(SplitMix64 random) {
    int count = random.between(1, 4);
    List<String> things = Words.pick(random, "things", count);
    List<String> spots = Words.pick(random, "spots", count);
    StringBuilder text = new StringBuilder();
    List<Ask> asks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Map<String, String> slots = slots("thing", things.get(i), "spot", spots.get(i));
      add(text, random, slots, "The {thing} is {spot}.", "There is a {thing} {spot}.");
      String topic = "place " + things.get(i) + " " + spots.get(i);
      asks.add(
          ask(
              random,
              topic,
              slots,
              "The {thing} is {spot}.",
              "spot",
              "Where is the {thing}?",
              "Where can I find the {thing}?"));
      asks.add(ask(random, topic, slots, "The {thing} is {spot}.", "thing", "What is {spot}?"));
    }
    return new Exercise(text.toString(), Words.pick(random, asks, asks.size()));
  }

  private static Exercise gifts(SplitMix64 random) {
    List<String> names = names(random, 3);
    Map<String, String> slots =
        slots(
            "giver", names.get(0),
            "taker", names.get(1),
            "thing", Words.pick(random, "things"));
    StringBuilder text = new StringBuilder();
    add(
        text,
        random,
        slots,
        "{giver} gave the {thing} to {taker}.",
        "{giver} gave {taker} a {thing}.",
        "{taker} got a {thing} from {giver}.");
    if (random.chance(0.4)) {
      slots.put("last", names.get(2));
      add(text, random, slots, "Then {taker} gave the {thing} to {last}.");
    } else {
      slots.put("last", names.get(1));
    }
    String topic =
        "gift " + slots.get("giver") + " " + slots.get("taker") + " " + slots.get("thing");
    return new Exercise(
        text.toString(),
        List.of(
            ask(
                random,
                topic,
                slots,
                "{last} has the {thing}.",
                "last",
                "Who has the {thing} now?",
                "Who has the {thing}?"),
            ask(
                random,
                topic,
                slots,
                "{giver} gave the {thing} to {taker}.",
                "giver",
                "Who gave the {thing} to {taker}?",
                "From whom did {taker} get the {thing}?")));
  }

  private static Exercise order(SplitMix64 random) {
    List<String> names = names(random, random.between(2, 3));
    String adjective = Words.pick(random, "taller");
    StringBuilder text = new StringBuilder();
    for (int i = 0; i + 1 < names.size(); i++) {
      Map<String, String> slots =
          slots("name", names.get(i), "other", names.get(i + 1), "er", adjective + "er");
      add(text, random, slots, "{name} is {er} than {other}.");
    }
    String topic = "order " + adjective + " " + String.join(" ", names);
    String most = names.size() == 2 ? adjective + "er" : adjective + "est";
    return new Exercise(
        text.toString(),
        List.of(
            ask(
                random,
                topic,
                slots("name", names.getFirst(), "est", most),
                "{name} is the {est}.",
                "name",
                "Who is the {est}?",
                "Which of them is the {est}?")));
  }

  private static Exercise amounts(SplitMix64 random) {
    Map<String, String> slots = Words.person(random);
    slots.put("fruit", Words.pick(random, "fruits"));
    boolean more = random.chance(0.5);
    int has = random.between(1, 20);
    int change = random.between(1, more ? 20 : has);
    int now = more ? has + change : has - change;
    slots.put("has", String.valueOf(has));
    slots.put("change", String.valueOf(change));
    slots.put("now", String.valueOf(now));
    StringBuilder text = new StringBuilder();
    add(text, random, slots, "{name} has {has} {fruit}.");
    if (more) {
      add(text, random, slots, "{She} gets {change} more.", "{She} buys {change} more.");
    } else {
      add(
          text,
          random,
          slots,
          "{She} eats {change} of them.",
          "{She} gives away {change} of them.");
    }
    String topic = more ? Arithmetic.sum(has, change) : Arithmetic.difference(has, change);
    return new Exercise(
        text.toString(),
        List.of(
            ask(
                random,
                topic,
                slots,
                "{name} has {now} {fruit}.",
                "now",
                "How many {fruit} does {name} have now?",
                "How many {fruit} are there now?")));
  }

  private static Exercise likes(SplitMix64 random) {
    int count = random.between(2, 4);
    List<String> names = names(random, count);
    String kind = random.pick(List.of("drinks", "foods", "hobbies"));
    List<String> liked = Words.pick(random, kind, count);
    StringBuilder text = new StringBuilder();
    List<Ask> asks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Map<String, String> slots = slots("name", names.get(i), "liked", liked.get(i));
      add(text, random, slots, "{name} likes {liked}.", "{name} loves {liked}.");
      String topic = "likes " + names.get(i) + " " + liked.get(i);
      asks.add(
          ask(random, topic, slots, "{name} likes {liked}.", "liked", "What does {name} like?"));
      asks.add(ask(random, topic, slots, "{name} likes {liked}.", "name", "Who likes {liked}?"));
    }
    return new Exercise(text.toString(), Words.pick(random, asks, asks.size()));
  }

  /** What a user says of him- or herself. */
  private static Exercise introduction(SplitMix64 random) {
    String name = names(random, 1).getFirst();
    Map<String, String> slots =
        slots(
            "name", name,
            "town", Words.pick(random, "towns"),
            "job", Words.pick(random, "jobs"),
            "pet", Words.pick(random, "pets"),
            "petName", Words.pick(random, "petNames"));
    StringBuilder text = new StringBuilder();
    add(text, random, slots, "My name is {name}.", "I am {name}.", "I am called {name}.");
    add(text, random, slots, "I live in {town}.", "I am from {town}.");
    add(text, random, slots, "I am a {job}.", "I work as a {job}.");
    add(text, random, slots, "My {pet} is called {petName}.", "I have a {pet} called {petName}.");
    List<Ask> asks =
        List.of(
            ask(
                random,
                "introduction " + name,
                slots,
                "Your name is {name}.",
                "name",
                "What is my name?",
                "Who am I?"),
            ask(
                random,
                "introduction " + name + " " + slots.get("town"),
                slots,
                "You live in {town}.",
                "town",
                "Where do I live?",
                "Which town am I from?"),
            ask(
                random,
                "introduction " + name + " " + slots.get("job"),
                slots,
                "You are a {job}.",
                "job",
                "What is my job?",
                "What do I do for work?"),
            ask(
                random,
                "introduction " + name + " " + slots.get("petName"),
                slots,
                "Your {pet} is called {petName}.",
                "petName",
                "What is my {pet} called?",
                "What is the name of my {pet}?"));
    return new Exercise(text.toString(), Words.pick(random, asks, random.between(1, 3)));
  }

  private static void add(
      StringBuilder text, SplitMix64 random, Map<String, String> slots, String... statements) {
    text.append(text.isEmpty() ? "" : " ")
        .append(Words.sentence(random.pick(List.of(statements)), slots));
  }

  private static Ask ask(
      SplitMix64 random,
      String topic,
      Map<String, String> slots,
      String answer,
      String key,
      String... questions) {
    return Ask.of(
        Ability.READING,
        topic.toLowerCase(Locale.ROOT),
        Words.sentence(random.pick(List.of(questions)), slots),
        Words.sentence(answer, slots),
        String.valueOf(slots.get(key)));
  }

  private static Map<String, String> slots(String... namesAndValues) {
    Map<String, String> slots = new TreeMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      slots.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return slots;
  }
}
