package io.otium.app.console;

import io.otium.app.console.chat.Database;
import io.otium.app.server.MethodParser;
import io.otium.app.server.ModelPool;
import io.otium.app.server.OtiumServer;
import io.otium.app.server.ServerOptions;
import io.otium.core.run.Runs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A server with the console on a free port, over scripted models and a fresh database. */
final class ConsoleUnderTest implements AutoCloseable {
  final ScriptedModel model;
  final FixedModels models;
  final Path database;
  private final ModelPool pool;
  private final Console console;
  final OtiumServer server;

  ConsoleUnderTest(ScriptedModel model, Path database, int port) {
    this(model, database, port, null);
  }

  ConsoleUnderTest(ScriptedModel model, Path database, int port, @Nullable String key) {
    this.model = model;
    this.models =
        new FixedModels(model, new ScriptedModel("smollm2-360m-instruct", messages -> "Yes."));
    this.database = database;
    pool = ModelPool.of(model);
    console =
        new Console(
            Database.open(database), models, new Runs(database.resolveSibling("runs")), Set.of());
    ServerOptions options =
        ServerOptions.defaults()
            .withApiKey(key)
            .withAddress("127.0.0.1", port)
            .withShutdownGraceSeconds(0);
    server = new OtiumServer(options, pool, MethodParser.NONE, List.of(console)).start();
  }

  static Path freshDatabase() {
    try {
      return Files.createTempDirectory("otium-console").resolve("otium.db");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String uri() {
    return server.uri().toString();
  }

  @Override
  public void close() {
    server.close();
    console.close();
    pool.close();
  }
}
