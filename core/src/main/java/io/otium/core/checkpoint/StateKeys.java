package io.otium.core.checkpoint;

/** How a tensor is named by its path in the state tree, and what stands in its place there. */
final class StateKeys {
  static final String SEPARATOR = "|";

  /** Key of the lean state's range in a header. */
  static final String METADATA = "datastates_metadata";

  private static final String PLACEHOLDER = "TENSOR" + SEPARATOR;

  private StateKeys() {}

  static String placeholder(String key) {
    return PLACEHOLDER + key;
  }

  static boolean isPlaceholder(Object value) {
    return value instanceof String text && text.startsWith(PLACEHOLDER);
  }

  /** The key of a text for which {@link #isPlaceholder} holds. */
  static String key(Object placeholder) {
    return ((String) placeholder).substring(PLACEHOLDER.length());
  }

  /** A path as errors name it. */
  static String shown(String path) {
    return path.isEmpty() ? "the state" : "the state's " + path;
  }
}
