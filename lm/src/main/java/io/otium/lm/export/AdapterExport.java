package io.otium.lm.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.lm.adapter.AdapterFiles;
import io.otium.lm.export.ExportOptions.Format;
import io.otium.lm.format.FormatException;
import io.otium.lm.format.NewFolder;
import io.otium.lm.format.SafetensorsFile;
import io.otium.lm.format.TensorSource;
import io.otium.lm.hub.KnownModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** An adapter as peft's two files: as it is, with the base by the name that others know. */
final class AdapterExport {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private AdapterExport() {}

  static ExportedModel write(Path adapter, String base, Path target) throws IOException {
    AdapterFiles.Adapter read = AdapterFiles.read(adapter); // refuses what is broken
    Path weights = adapter.resolve(AdapterFiles.WEIGHTS);
    if (!(MAPPER.readTree(adapter.resolve(AdapterFiles.CONFIG).toFile())
        instanceof ObjectNode config)) {
      throw new FormatException(adapter.resolve(AdapterFiles.CONFIG), "is no JSON object");
    }
    String named = base.isEmpty() ? KnownModels.hubId(read.base()) : base;
    config.put("base_model_name_or_path", named);
    ModelExport.requireRoom(target, Files.size(weights));
    String type;
    int tensors;
    try (TensorSource source = SafetensorsFile.open(weights)) {
      tensors = source.names().size();
      String first = source.names().iterator().next();
      type = source.require(first).type().name().toLowerCase(Locale.ROOT);
    }
    try (var folder = new NewFolder(target)) {
      folder.copy(weights);
      folder.text(
          AdapterFiles.CONFIG,
          MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n");
      folder.finish();
    }
    long bytes = Files.size(target.resolve(AdapterFiles.WEIGHTS));
    return new ExportedModel(target, Format.ADAPTER, type, tensors, bytes);
  }
}
