package io.otium.lm.data.smallworld;

import java.util.List;

/**
 * Questions that belong together.
 *
 * @param text what they are about, said before the first of them; may be empty
 */
record Exercise(String text, List<Ask> asks) {
  Exercise {
    asks = List.copyOf(asks);
  }

  static Exercise of(Ask ask) {
    return new Exercise("", List.of(ask));
  }
}
