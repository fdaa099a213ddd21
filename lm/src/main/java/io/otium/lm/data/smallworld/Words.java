package io.otium.lm.data.smallworld;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.otium.core.data.SplitMix64;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The small world's word lists, and sentences made of them. */
final class Words {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
  private static final Pattern SLOT = Pattern.compile("\\{(\\w+)\\}");
  private static final Pattern BEFORE_VOWEL = Pattern.compile("\\b([Aa]) (?=[aeiouAEIOU])");
  private static final Map<String, List<String>> LISTS =
      read("words.yaml", new TypeReference<Map<String, List<String>>>() {});

  private Words() {}

  static List<String> list(String name) {
    List<String> list = LISTS.get(name);
    if (list == null) {
      throw new IllegalArgumentException("words.yaml has no list " + name);
    }
    return list;
  }

  static String pick(SplitMix64 random, String name) {
    return random.pick(list(name));
  }

  /** Different words of a list. */
  static List<String> pick(SplitMix64 random, String name, int count) {
    return pick(random, list(name), count);
  }

  static <T> List<T> pick(SplitMix64 random, List<T> list, int count) {
    List<T> left = new ArrayList<>(list);
    List<T> picked = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      picked.add(left.remove(random.below(left.size())));
    }
    return picked;
  }

  /** A person's name and pronouns under {@code name}, {@code she}, {@code her}, {@code him}, …. */
  static Map<String, String> person(SplitMix64 random) {
    boolean woman = random.chance(0.5);
    return person(pick(random, woman ? "women" : "men"), woman);
  }

  static Map<String, String> person(String name, boolean woman) {
    Map<String, String> slots = new TreeMap<>();
    slots.put("name", name);
    slots.put("she", woman ? "she" : "he");
    slots.put("She", woman ? "She" : "He");
    slots.put("her", woman ? "her" : "his");
    slots.put("Her", woman ? "Her" : "His");
    slots.put("him", woman ? "her" : "him");
    slots.put("herself", woman ? "herself" : "himself");
    return slots;
  }

  /** A template with its slots filled, {@code a} before vowels made {@code an}. */
  static String fill(String template, Map<String, String> slots) {
    String filled =
        SLOT.matcher(template)
            .replaceAll(
                slot -> {
                  String value = slots.get(slot.group(1));
                  if (value == null) {
                    throw new IllegalArgumentException(
                        "the template \"" + template + "\" has a slot without a value");
                  }
                  return Matcher.quoteReplacement(value);
                });
    return BEFORE_VOWEL.matcher(filled).replaceAll("$1n ");
  }

  /** The same as a sentence: with a capital first letter. */
  static String sentence(String template, Map<String, String> slots) {
    return capital(fill(template, slots));
  }

  static String capital(String text) {
    return text.isEmpty() ? text : Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }

  static <T> T read(String resource, TypeReference<T> type) {
    try (InputStream in = Words.class.getResourceAsStream(resource)) {
      return YAML.readValue(in, type);
    } catch (IOException e) {
      throw new UncheckedIOException(resource + " is broken: " + e.getMessage(), e);
    }
  }
}
