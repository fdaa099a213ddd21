package io.otium.app.console.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.core.options.OptionException;
import io.otium.core.options.OptionField;
import io.otium.serve.Chosen;
import io.otium.serve.Method;
import io.otium.serve.Methods;
import io.otium.serve.Registry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The choice of a method of lazy inference and its options, derived from the registries: a method
 * that is registered appears here with its form.
 *
 * @param kind {@code prefill} or {@code kv}
 * @param doc what is chosen, in a line
 * @param chosen id of the method
 */
public record MethodForm(String kind, String doc, String chosen, List<Choice> choices) {
  /** A method and its fields. */
  public record Choice(String id, String doc, List<SettingsForm.Field> fields) {}

  public String label() {
    return kind.equals("kv")
        ? "KV cache"
        : Character.toUpperCase(kind.charAt(0)) + kind.substring(1);
  }

  /** Name of the form's parameter for the method. */
  public String name() {
    return "method." + kind;
  }

  private static List<Registry<?>> registries() {
    return List.of(Methods.prefill(), Methods.kv());
  }

  /**
   * The forms filled with a stored {@code "otium"} object, which may name methods that are gone.
   */
  static List<MethodForm> of(JsonNode otium) {
    List<MethodForm> forms = new ArrayList<>();
    for (Registry<?> registry : registries()) {
      JsonNode stored = otium.path(registry.kind());
      String first = registry.ids().getFirst();
      String chosen = stored.path("method").asText(first);
      List<Choice> choices = new ArrayList<>();
      for (Method<?, ?> method : registry.methods()) {
        JsonNode values =
            method.id().equals(chosen) ? stored : JsonNodeFactory.instance.objectNode();
        choices.add(new Choice(method.id(), method.doc(), fields(registry, method, values)));
      }
      boolean there = registry.ids().contains(chosen);
      forms.add(new MethodForm(registry.kind(), registry.doc(), there ? chosen : first, choices));
    }
    return forms;
  }

  private static List<SettingsForm.Field> fields(
      Registry<?> registry, Method<?, ?> method, JsonNode values) {
    List<SettingsForm.Field> fields = new ArrayList<>();
    for (OptionField option : method.options().fields()) {
      String name = parameter(registry, method, option);
      JsonNode value = values.path(option.name());
      fields.add(
          new SettingsForm.Field(
              option, name, value.isMissingNode() ? "" : SettingsForm.text(option, value)));
    }
    return fields;
  }

  private static String parameter(Registry<?> registry, Method<?, ?> method, OptionField option) {
    return "method." + registry.kind() + "." + method.id() + "." + option.name();
  }

  /**
   * The {@code "otium"} object that a submitted form means; empty for plain inference.
   *
   * @throws OptionException for a value that is not allowed
   */
  static ObjectNode read(Map<String, String> parameters) {
    ObjectNode otium = JsonNodeFactory.instance.objectNode();
    for (Registry<?> registry : registries()) {
      String id = parameters.getOrDefault("method." + registry.kind(), "");
      if (id.isEmpty() || id.equals(registry.ids().getFirst())) {
        continue;
      }
      Method<?, ?> method = registry.get(id, registry.kind());
      Map<String, String> values = new LinkedHashMap<>();
      for (OptionField option : method.options().fields()) {
        String value = parameters.getOrDefault(parameter(registry, method, option), "").strip();
        if (!value.isEmpty()) {
          values.put(option.name(), SettingsForm.typed(option, value));
        }
      }
      Chosen<?, ?> chosen = registry.fromText(id, values);
      otium.set(registry.kind(), chosen.toJson());
    }
    return otium;
  }
}
