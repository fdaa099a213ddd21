package io.otium.app.console;

import io.otium.app.console.chat.Conversation;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What every page is set in.
 *
 * @param section which page of the navigation this is
 * @param assets where styles and scripts lie, ending with a slash
 * @param groups conversations by age
 * @param current id of the conversation that is open; empty for none
 */
public record Shell(
    String title, Section section, String assets, List<Group> groups, String current) {
  /** The pages of the navigation. */
  public enum Section {
    CHAT("/", "Chat", "c"),
    MODELS("/models", "Models", "m"),
    TRAIN("/train", "Train", "t"),
    RUNS("/runs", "Runs", "r"),
    LIVE("/live", "Live", "l"),
    API("/api", "API", "a"),
    PAPERS("/papers", "Papers", "p");

    private final String path;
    private final String label;
    private final String key;

    Section(String path, String label, String key) {
      this.path = path;
      this.label = label;
      this.key = key;
    }

    public String path() {
      return path;
    }

    public String label() {
      return label;
    }

    /** Pressed after {@code g}, it opens the page. */
    public String key() {
      return key;
    }
  }

  /** Conversations of about the same age. */
  public record Group(String label, List<Conversation> conversations) {}

  /** Groups conversations, which come newest first. */
  public static List<Group> byAge(List<Conversation> conversations, LocalDate today, ZoneId zone) {
    Map<String, List<Conversation>> groups = new LinkedHashMap<>();
    for (Conversation conversation : conversations) {
      LocalDate day = LocalDate.ofInstant(Instant.ofEpochMilli(conversation.updated()), zone);
      String label;
      if (!day.isBefore(today)) {
        label = "Today";
      } else if (!day.isBefore(today.minusDays(1))) {
        label = "Yesterday";
      } else {
        label = day.isBefore(today.minusDays(7)) ? "Earlier" : "This week";
      }
      groups.computeIfAbsent(label, any -> new ArrayList<>()).add(conversation);
    }
    return groups.entrySet().stream().map(e -> new Group(e.getKey(), e.getValue())).toList();
  }
}
