package io.otium.lm;

import io.otium.lm.engine.EngineLoader;
import java.io.IOException;

/** A model whose files are open and whose weights are not read yet. */
final class OpenFiles implements FoundModel {
  private final ModelFiles files;
  private final LoadOptions options;
  private final ModelInfo info;
  private boolean loaded;

  /**
   * @throws IOException if the files do not go with the options; they are closed then
   */
  OpenFiles(String id, ModelFiles files, LoadOptions options) throws IOException {
    this.files = files;
    this.options = options;
    this.info = files.info(id, options);
  }

  @Override
  public ModelInfo info() {
    return info;
  }

  @Override
  public LanguageModel load() throws IOException {
    if (loaded) throw new IllegalStateException(info.id() + " was loaded already");
    LanguageModel model;
    if (files.isEncoder()) {
      model = new EncoderModel(info, files);
    } else {
      EngineLoader.rehearse(options);
      model = Model.of(info, files, options);
    }
    loaded = true;
    return model;
  }

  @Override
  public void close() {
    if (loaded) return;
    files.text().tokenizer().close();
    files.closeWeights();
  }
}
