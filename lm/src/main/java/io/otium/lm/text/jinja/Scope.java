package io.otium.lm.text.jinja;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Names and their values; what is not here is looked for in the scope around. */
final class Scope {
  private final Map<String, Object> names = new HashMap<>();
  private final @Nullable Scope around;

  Scope(@Nullable Scope around) {
    this.around = around;
  }

  void set(String name, Object value) {
    names.put(name, value);
  }

  Object get(String name) {
    for (Scope s = this; s != null; s = s.around) {
      Object value = s.names.get(name);
      if (value != null) {
        return value;
      }
    }
    return new Undefined("'" + name + "' is undefined");
  }
}
