package io.otium.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.core.options.OptionException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The methods of one contract: a list in one place. The first is the default.
 *
 * @param kind the contract's word in requests and flags: {@code prefill} or {@code kv}
 * @param doc one line on what such a method does
 */
public record Registry<P>(String kind, String doc, List<Method<?, P>> methods) {
  public Registry {
    methods = List.copyOf(methods);
    if (methods.isEmpty() || methods.stream().map(Method::id).distinct().count() < methods.size()) {
      throw new IllegalArgumentException(kind + " needs methods with ids of their own");
    }
  }

  public List<String> ids() {
    return methods.stream().map(Method::id).toList();
  }

  /**
   * The method of this id.
   *
   * @param path where it was written, for the error
   */
  public Method<?, P> get(String id, String path) {
    for (Method<?, P> method : methods) {
      if (method.id().equals(id)) {
        return method;
      }
    }
    throw OptionException.invalid(path, "\"" + id + "\"", "one of " + String.join(", ", ids()));
  }

  /** The default method with its default options. */
  public Chosen<?, P> standard() {
    return standard(methods.getFirst());
  }

  private <O extends Record> Chosen<O, P> standard(Method<O, P> method) {
    return new Chosen<>(method, method.options().defaults(), kind);
  }

  /**
   * Reads {@code {"method": "lazy-eviction", "budget": 512}}, or just {@code "lazy-eviction"}.
   *
   * @param path where it stands, such as {@code otium.kv}
   */
  public Chosen<?, P> fromJson(JsonNode node, String path) {
    if (node.isTextual()) {
      return fromJson(get(node.textValue(), path), emptyObject(), path);
    }
    if (!node.isObject()) {
      throw OptionException.refused(
          path, "must be an object with a method (" + String.join(", ", ids()) + ")");
    }
    JsonNode id = node.path("method");
    if (!id.isTextual()) {
      throw OptionException.refused(
          path + ".method", "must name a method (" + String.join(", ", ids()) + ")");
    }
    ObjectNode options = ((ObjectNode) node).deepCopy();
    options.remove("method");
    return fromJson(get(id.textValue(), path + ".method"), options, path);
  }

  private <O extends Record> Chosen<O, P> fromJson(
      Method<O, P> method, JsonNode options, String path) {
    return new Chosen<>(method, method.options().fromJson(options, path), path);
  }

  /**
   * Reads what the command line gave: {@code --kv lazy-eviction --kv.budget 50%}.
   *
   * @param values by key without dashes and prefix: {@code budget}
   */
  public Chosen<?, P> fromText(String id, Map<String, String> values) {
    return fromText(get(id, "--" + kind), values);
  }

  private <O extends Record> Chosen<O, P> fromText(
      Method<O, P> method, Map<String, String> values) {
    return new Chosen<>(method, method.options().fromText(values, "--" + kind), "--" + kind);
  }

  /**
   * Reads command-line words that begin with this registry's kind, {@code --kv NAME} and {@code
   * --kv.KEY VALUE} or {@code --kv.KEY=VALUE}, and leaves other words alone.
   */
  public Chosen<?, P> fromArguments(List<String> words) {
    String id = methods.getFirst().id();
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      int equals = word.indexOf('=');
      String name = equals < 0 ? word : word.substring(0, equals);
      boolean own = name.equals("--" + kind);
      if (!own && !name.startsWith("--" + kind + ".")) {
        continue;
      }
      if (equals < 0 && i + 1 == words.size()) {
        throw OptionException.refused(name, "needs a value");
      }
      String value = equals < 0 ? words.get(++i) : word.substring(equals + 1);
      if (own) {
        id = value;
      } else if (values.put(name.substring(kind.length() + 3), value) != null) {
        throw OptionException.refused(name, "is given twice");
      }
    }
    return fromText(id, values);
  }

  private static ObjectNode emptyObject() {
    return JsonNodeFactory.instance.objectNode();
  }
}
