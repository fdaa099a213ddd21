package io.otium.core.options;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A record of options, described and read: the one description behind flags, JSON, YAML, forms and
 * reference pages.
 *
 * <p>A key may be written {@code keep_last} (what Otium writes), {@code keepLast} or {@code
 * keep-last}, once. A missing key has its default; JSON's {@code null} too, unless the component is
 * {@code @Nullable}, which it leaves unset. What concerns several options is checked by the
 * record's own constructor, whose {@link IllegalArgumentException} is reported as an {@link
 * OptionException}. Instances are immutable.
 */
public final class Options<T extends Record> {
  private record Component(OptionField field, RecordComponent java) {}

  private final Class<T> type;
  private final T defaults;
  private final List<Component> components;
  private final Constructor<T> constructor;

  private Options(Class<T> type, T defaults) {
    this.type = type;
    this.defaults = defaults;
    RecordComponent[] parts = type.getRecordComponents();
    try {
      constructor =
          type.getDeclaredConstructor(
              Arrays.stream(parts).map(RecordComponent::getType).toArray(Class<?>[]::new));
      constructor.setAccessible(true);
    } catch (NoSuchMethodException e) {
      throw new AssertionError("a record has its canonical constructor", e);
    }
    components = new ArrayList<>();
    for (RecordComponent part : parts) {
      components.add(new Component(describe(part, value(part, defaults)), part));
    }
    for (Component component : components) {
      JsonNode value = component.field.defaultValue();
      if (!(value.isNull() && component.field.optional())) {
        OptionJson.read(component.field, component.java.getType(), value);
      }
    }
  }

  /**
   * Describes a record.
   *
   * @throws IllegalArgumentException if a component has no {@link Doc}, a type that is no option
   *     type, or a default that its own range refuses: programming errors
   */
  public static <T extends Record> Options<T> describe(Class<T> type, T defaults) {
    return new Options<>(type, defaults);
  }

  public T defaults() {
    return defaults;
  }

  /** One line on what the options are for: the record's own {@link Doc}, or empty. */
  public String doc() {
    Doc doc = type.getAnnotation(Doc.class);
    return doc == null ? "" : doc.value();
  }

  /** The options in the record's order; as JSON, what a form is made of. */
  public List<OptionField> fields() {
    return components.stream().map(Component::field).toList();
  }

  /** The options as flags {@code --prefix.key}, or {@code --key} for an empty prefix. */
  public List<OptionFlag> flags(String prefix) {
    return fields().stream().map(field -> OptionFlag.of(prefix, field)).toList();
  }

  /** Reads a JSON object; see the class for what is accepted. */
  public T fromJson(JsonNode node) {
    return fromJson(node, "");
  }

  /**
   * Reads a JSON object.
   *
   * @param path where it stands, such as {@code otium.kv}: errors name {@code otium.kv.budget}
   * @throws OptionException for unknown keys, wrong types, values out of range
   */
  public T fromJson(JsonNode node, String path) {
    try {
      return read(node);
    } catch (OptionException e) {
      throw e.under(path);
    }
  }

  /**
   * Values with some of them changed.
   *
   * @param changes by key, as {@link #fromMap} reads them
   * @throws OptionException as {@link #fromJson(JsonNode)} does
   */
  public T with(T values, Map<String, ?> changes) {
    Map<String, Object> all = new LinkedHashMap<>();
    toJson(values).properties().forEach(entry -> all.put(entry.getKey(), entry.getValue()));
    all.putAll(changes);
    return fromMap(all);
  }

  /** Reads JSON's values as Java holds them: maps, lists, numbers, texts, booleans. */
  public T fromMap(Map<String, ?> values) {
    return fromJson(OptionJson.MAPPER.valueToTree(values));
  }

  /**
   * Reads a YAML document; an empty one means the defaults.
   *
   * @throws OptionException also for text that is not YAML, with its line
   */
  public T fromYaml(String yaml) {
    JsonNode node;
    try {
      node = OptionJson.YAML.readTree(yaml);
    } catch (JsonProcessingException e) {
      String where = e.getLocation() == null ? "" : " in line " + e.getLocation().getLineNr();
      throw OptionException.refused(
          "", "not valid YAML" + where + ": " + firstLine(e.getOriginalMessage()));
    }
    boolean empty = node == null || node.isMissingNode() || node.isNull();
    return fromJson(empty ? JsonNodeFactory.instance.objectNode() : node);
  }

  /**
   * Reads values as typed: {@code 50%} for a share, {@code a,b} or a JSON array for a list, {@code
   * 7=0.5,8=-1} for a map, {@code none} for an unset optional one.
   *
   * @param values by key without prefix
   * @param prefix what errors put before the key
   */
  public T fromText(Map<String, String> values, String prefix) {
    try {
      Map<String, JsonNode> nodes = new LinkedHashMap<>();
      values.forEach(
          (key, text) -> {
            Component component = find(key);
            if (component == null) {
              throw OptionException.unknown(key, flagNames());
            }
            if (nodes.put(component.field.name(), OptionText.read(component.field, text)) != null) {
              throw OptionException.refused(key, "is given twice");
            }
          });
      return build(nodes);
    } catch (OptionException e) {
      throw e.under(prefix);
    }
  }

  /**
   * Reads command-line words: {@code --prefix.key value}, {@code --prefix.key=value}, and {@code
   * --prefix.key} alone for true.
   *
   * @throws OptionException also for words that are none of these options
   */
  public T fromArguments(String prefix, List<String> words) {
    String start = "--" + (prefix.isEmpty() ? "" : prefix + ".");
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (!word.startsWith(start)) {
        throw OptionException.refused(
            OptionException.shorten(word), "is no option; options begin with " + start);
      }
      int equals = word.indexOf('=');
      String key = word.substring(start.length(), equals < 0 ? word.length() : equals);
      Component component = find(key);
      if (component == null) {
        throw OptionException.unknown(key, flagNames()).under(prefix);
      }
      boolean last = i + 1 == words.size();
      String value;
      if (equals >= 0) {
        value = word.substring(equals + 1);
      } else if (component.field.type() == OptionType.BOOLEAN
          && (last || words.get(i + 1).startsWith("--"))) {
        value = "true";
      } else if (last) {
        throw OptionException.refused(key, "needs a value: " + component.field.allowed())
            .under(prefix);
      } else {
        value = words.get(++i);
      }
      if (values.put(component.field.flag(), value) != null) {
        throw OptionException.refused(key, "is given twice").under(prefix);
      }
    }
    return fromText(values, prefix);
  }

  /** Every option by name, as {@link #fromJson} reads it back. */
  public ObjectNode toJson(T options) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (Component component : components) {
      object.set(component.field.name(), OptionJson.write(value(component.java, options)));
    }
    return object;
  }

  private T read(JsonNode node) {
    if (!node.isObject()) {
      throw OptionException.refused(
          "", "must be an object of options (" + String.join(", ", names()) + ")");
    }
    Map<String, JsonNode> nodes = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      Component component = find(entry.getKey());
      if (component == null) {
        throw OptionException.unknown(entry.getKey(), names());
      }
      if (nodes.put(component.field.name(), entry.getValue()) != null) {
        throw OptionException.refused(component.field.name(), "is given twice");
      }
    }
    return build(nodes);
  }

  private T build(Map<String, JsonNode> nodes) {
    @Nullable Object[] values = new @Nullable Object[components.size()];
    for (int i = 0; i < values.length; i++) {
      Component component = components.get(i);
      JsonNode node = nodes.get(component.field.name());
      if (node == null || (node.isNull() && !component.field.optional())) {
        values[i] = value(component.java, defaults);
      } else if (!node.isNull()) {
        values[i] = OptionJson.read(component.field, component.java.getType(), node);
      }
    }
    try {
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof OptionException refused) {
        throw refused;
      } else if (e.getCause() instanceof IllegalArgumentException refused) {
        throw OptionException.refused("", String.valueOf(refused.getMessage()));
      }
      throw new IllegalStateException(
          type.getSimpleName() + " failed on its options", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The option of a name, however it is spelled: {@code topK}, {@code top_k}, {@code top-k}.
   *
   * @throws OptionException if there is none, with those that there are
   */
  public OptionField field(String key) {
    Component component = find(key);
    if (component == null) {
      throw OptionException.unknown(key, flagNames());
    }
    return component.field;
  }

  private @Nullable Component find(String key) {
    String name = OptionName.snake(key);
    for (Component component : components) {
      if (component.field.name().equals(name)) {
        return component;
      }
    }
    return null;
  }

  private List<String> names() {
    return fields().stream().map(OptionField::name).toList();
  }

  private List<String> flagNames() {
    return fields().stream().map(OptionField::flag).toList();
  }

  private static OptionField describe(RecordComponent part, @Nullable Object defaultValue) {
    OptionType optionType = OptionType.of(part);
    Doc doc = part.getAnnotation(Doc.class);
    if (doc == null) {
      throw new IllegalArgumentException(
          "option "
              + part.getDeclaringRecord().getSimpleName()
              + "."
              + part.getName()
              + " has no @Doc");
    }
    Range range = part.getAnnotation(Range.class);
    Double min = range == null || range.min() == Double.NEGATIVE_INFINITY ? null : range.min();
    Double max = range == null || range.max() == Double.POSITIVE_INFINITY ? null : range.max();
    boolean share =
        optionType.isFractional()
            && optionType.item() == optionType
            && min != null
            && min >= 0
            && max != null
            && max <= 1;
    return new OptionField(
        OptionName.snake(part.getName()),
        OptionName.kebab(part.getName()),
        optionType,
        OptionJson.write(defaultValue),
        doc.value(),
        min,
        max,
        range != null && range.minOpen(),
        range != null && range.maxOpen(),
        choices(part.getType()),
        part.getAnnotatedType().isAnnotationPresent(Nullable.class),
        share);
  }

  private static List<String> choices(Class<?> type) {
    List<String> names = new ArrayList<>();
    if (type.isEnum()) {
      for (Object constant : type.getEnumConstants()) {
        names.add(OptionName.kebab(((Enum<?>) constant).name()));
      }
    }
    return names;
  }

  private static @Nullable Object value(RecordComponent part, Record options) {
    try {
      part.getAccessor().setAccessible(true);
      return part.getAccessor().invoke(options);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }
}
