package io.otium.papers;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/**
 * A row of the catalogue: a published system.
 *
 * @param id what commands call it, e.g. {@code lazyllm}
 * @param title what it is, in a line
 * @param paper title, year and place of its publication
 * @param code the authors' code, or that there is none
 * @param room the module that holds it
 * @param claim what it claims, in one sentence of ours
 * @param published the figure that it was published with, and its setting; says where it is
 *     unconfirmed
 */
public record Paper(
    String id,
    String title,
    String paper,
    String code,
    String room,
    String claim,
    String published,
    State state) {

  /** How far Otium has it. */
  public enum State {
    @JsonProperty("planned")
    PLANNED,
    @JsonProperty("implemented")
    IMPLEMENTED,
    @JsonProperty("reproduced")
    REPRODUCED;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
