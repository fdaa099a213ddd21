package io.otium.app.cli.doctor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * What was found of one part of the machine.
 *
 * @param part key in the JSON, such as {@code cpu}
 * @param lines for people, the first beside the part's name
 * @param facts for programs
 */
public record Finding(String part, List<String> lines, ObjectNode facts, List<Problem> problems) {
  public Finding {
    lines = List.copyOf(lines);
    problems = List.copyOf(problems);
  }

  /** Something that is missing or slow, and what to do about it. */
  public record Problem(String what, String fix, boolean serious) {}
}
