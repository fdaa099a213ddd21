package io.otium.lm.model;

/** The families whose weights can be read; what sets a model apart is in {@link ModelConfig}. */
public enum Architecture {
  LLAMA,
  MISTRAL,
  QWEN2,
  QWEN3,
  GPT2,
  BERT;

  /** As Hugging Face's {@code model_type} and GGUF's {@code general.architecture} spell it. */
  public String id() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException naming those that there are
   */
  public static Architecture of(String id) {
    for (Architecture architecture : values()) {
      if (architecture.id().equals(id)) {
        return architecture;
      }
    }
    throw new IllegalArgumentException(
        "architecture '"
            + Fields.shown(id)
            + "' is not supported; it must be one of llama, mistral, qwen2, qwen3, gpt2, bert");
  }
}
