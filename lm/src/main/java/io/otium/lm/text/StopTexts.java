package io.otium.lm.text;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Watches a text as it comes for the first of some texts that end it. Holds back what may be the
 * start of one. The work is one step a character, however many texts are watched for
 * (Aho–Corasick).
 */
public final class StopTexts {
  /**
   * Edges, the longest proper suffix that is also a node, and the longest stop text ending here.
   */
  private static final class State {
    final Map<Character, State> next = new HashMap<>();
    State suffix;
    int depth;
    int stopLength;

    State(int depth) {
      this.depth = depth;
      this.suffix = this;
    }
  }

  private final State root = new State(0);
  private State state = root;
  private final StringBuilder held = new StringBuilder();
  private boolean found;

  /**
   * @param stops texts that end the text; none may be empty
   */
  public StopTexts(List<String> stops) {
    for (String stop : stops) {
      if (stop.isEmpty()) {
        throw new IllegalArgumentException(
            "a stop text is empty; it would end every answer at once");
      }
      State s = root;
      for (int i = 0; i < stop.length(); i++) {
        int depth = i + 1;
        s = s.next.computeIfAbsent(stop.charAt(i), c -> new State(depth));
      }
      s.stopLength = stop.length();
    }
    link();
  }

  /** Breadth first, so that a state's suffix is linked before the state is. */
  private void link() {
    var queue = new ArrayDeque<State>(root.next.values());
    root.next.values().forEach(s -> s.suffix = root);
    while (!queue.isEmpty()) {
      State s = queue.poll();
      s.stopLength = Math.max(s.stopLength, s.suffix.stopLength);
      s.next.forEach(
          (c, child) -> {
            child.suffix = step(s.suffix, c);
            queue.add(child);
          });
    }
  }

  private State step(State from, char c) {
    for (State s = from; ; s = s.suffix) {
      State to = s.next.get(c);
      if (to != null) {
        return to;
      }
      if (s == root) {
        return root;
      }
    }
  }

  /**
   * Adds a piece of text and returns what is surely before any stop text. After one was {@link
   * #found} there is no more text.
   */
  public String add(String piece) {
    if (found) {
      return "";
    }
    for (int i = 0; i < piece.length(); i++) {
      char c = piece.charAt(i);
      held.append(c);
      state = step(state, c);
      if (state.stopLength > 0) {
        found = true;
        String text = held.substring(0, held.length() - state.stopLength);
        held.setLength(0);
        return text;
      }
    }
    int sure = held.length() - state.depth;
    // Half of a surrogate pair is no text yet.
    if (sure > 0 && Character.isHighSurrogate(held.charAt(sure - 1))) {
      sure--;
    }
    String text = held.substring(0, sure);
    held.delete(0, sure);
    return text;
  }

  /** What was held back, for when no more text comes. */
  public String flush() {
    String rest = held.toString();
    held.setLength(0);
    state = root;
    return rest;
  }

  /** Whether a stop text came. */
  public boolean found() {
    return found;
  }

  /** Whether text is held back that may be the start of a stop text. */
  public boolean holds() {
    return held.length() > 0;
  }
}
