package io.otium.lm.text.jinja;

import java.util.List;
import java.util.Map;

/** Arguments of a call: by place, then by name. */
record Args(List<Object> positional, Map<String, Object> named) {
  static final Args NONE = new Args(List.of(), Map.of());

  boolean has(int index, String name) {
    return index < positional.size() || named.containsKey(name);
  }

  Object get(int index, String name, Object otherwise) {
    if (index < positional.size()) {
      return positional.get(index);
    }
    Object value = named.get(name);
    return value == null ? otherwise : value;
  }

  Object get(int index, String name) {
    if (!has(index, name)) {
      throw new TemplateException("the chat template makes a call without its '" + name + "'");
    }
    return get(index, name, None.NONE);
  }

  String text(int index, String name) {
    Object value = get(index, name);
    if (value instanceof String s) {
      return s;
    }
    throw new TemplateException(
        "the chat template passes a " + Values.typeName(value) + " as '" + name + "', not a text");
  }

  String text(int index, String name, String otherwise) {
    return has(index, name) ? text(index, name) : otherwise;
  }

  long number(int index, String name, long otherwise) {
    Object value = get(index, name, otherwise);
    return Values.integer(value == None.NONE ? (Object) otherwise : value);
  }

  boolean flag(int index, String name, boolean otherwise) {
    return Values.truth(get(index, name, otherwise));
  }
}
