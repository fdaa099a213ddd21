package io.otium.lm.text.jinja;

import java.util.AbstractList;
import java.util.List;

/** A tuple: a list that prints with round brackets. */
final class Tuple extends AbstractList<Object> {
  private final List<Object> items;

  Tuple(Object... items) {
    this.items = List.of(items);
  }

  Tuple(List<Object> items) {
    this.items = items;
  }

  @Override
  public Object get(int index) {
    return items.get(index);
  }

  @Override
  public int size() {
    return items.size();
  }
}
