package io.otium.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The cache of loaded classes that the launcher keeps. The one it makes after a build knows no
 * model, for there is none yet; when the default model has come, it is made anew, this once.
 */
final class StartCache {
  private StartCache() {}

  static void remake(String model) {
    String root = System.getProperty("otium.root");
    if (root == null || !model.equals(ModelFlags.DEFAULT_MODEL)) return;
    Path launcher = Path.of(root, "otium");
    if (!Files.isExecutable(launcher)) return;
    var builder = new ProcessBuilder(launcher.toString()).inheritIO();
    builder.environment().put("OTIUM_PREPARE", "yes");
    try {
      int ignored = builder.start().waitFor();
    } catch (IOException e) {
      return; // slower starts are all that is lost
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
