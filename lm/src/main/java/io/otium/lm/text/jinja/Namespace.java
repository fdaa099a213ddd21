package io.otium.lm.text.jinja;

import java.util.LinkedHashMap;
import java.util.Map;

/** What {@code namespace()} makes: fields that may be set from inside a loop. */
final class Namespace {
  final Map<String, Object> fields = new LinkedHashMap<>();
}
