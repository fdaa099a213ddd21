package io.otium.lm.export;

import io.otium.core.options.Doc;
import io.otium.core.options.OptionException;
import io.otium.core.options.Options;
import io.otium.lm.format.TensorType;
import org.jspecify.annotations.Nullable;

/** How a model is exported. */
@Doc("What a model is written as")
public record ExportOptions(
    @Doc("Folder or .gguf file to write; empty for one named after the model, here") String to,
    @Doc(
            "safetensors for transformers, gguf for llama.cpp, adapter for peft; auto takes adapter"
                + " for an adapter, gguf where the file is called so, else safetensors")
        Format format,
    @Doc(
            "Numbers of the weights; auto leaves them as they are, but unpacks quantised ones where"
                + " they must be")
        Numbers type,
    @Doc("Of an adapter, write the whole model with the adapter in it") boolean merge,
    @Doc("Model that an adapter's files name as their base; empty for its name on the hub")
        String base,
    @Doc("Replace what was exported there before") boolean force) {

  /** Whose files. */
  public enum Format {
    AUTO,
    SAFETENSORS,
    GGUF,
    ADAPTER
  }

  /** How numbers are stored. */
  public enum Numbers {
    AUTO,
    F32,
    F16,
    BF16,
    Q8_0,
    Q4_0;

    /** Null for {@link #AUTO}. */
    @Nullable TensorType type() {
      return this == AUTO ? null : TensorType.valueOf(name());
    }

    private boolean packed() {
      return this == Q8_0 || this == Q4_0;
    }
  }

  public static final Options<ExportOptions> OPTIONS =
      Options.describe(
          ExportOptions.class, new ExportOptions("", Format.AUTO, Numbers.AUTO, false, "", false));

  public ExportOptions {
    if (format == Format.SAFETENSORS && type.packed()) {
      throw OptionException.refused(
          "type",
          "is %s, which only gguf has; safetensors holds f32, f16 and bf16"
              .formatted(type.name().toLowerCase(java.util.Locale.ROOT)));
    }
    if (format == Format.ADAPTER && merge) {
      throw OptionException.refused("merge", "makes a whole model; format is adapter");
    }
    if (format == Format.ADAPTER && type != Numbers.AUTO) {
      throw OptionException.refused(
          "type", "is for whole models; an adapter is written as it was trained");
    }
  }

  ExportOptions withFormat(Format resolved) {
    return new ExportOptions(to, resolved, type, merge && resolved != Format.ADAPTER, base, force);
  }
}
