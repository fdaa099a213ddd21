package io.otium.app.console;

import io.otium.app.cli.SmallModels;
import io.otium.app.console.chat.Database;
import io.otium.app.server.MethodParser;
import io.otium.app.server.ModelPool;
import io.otium.app.server.OtiumServer;
import io.otium.app.server.ServerOptions;
import io.otium.app.training.FileStore;
import io.otium.app.training.Jobs;
import io.otium.app.training.TrainingQueue;
import io.otium.lm.hub.Models;
import io.otium.lm.hub.OtiumHome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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
  final Jobs jobs;

  ConsoleUnderTest(ScriptedModel model, Path database, int port) {
    this(model, database, port, null);
  }

  ConsoleUnderTest(ScriptedModel model, Path database, int port, @Nullable String key) {
    this.model = model;
    this.models =
        new FixedModels(model, new ScriptedModel("smollm2-360m-instruct", messages -> "Yes."));
    this.database = database;
    pool = ModelPool.of(model);
    OtiumHome home = new OtiumHome(database.resolveSibling("home"));
    jobs =
        new Jobs(
            new TrainingQueue(home),
            new FileStore(home.files()),
            Models.at(home),
            name ->
                name.equals(model.info().id())
                    ? Optional.of(SmallModels.folder("tiny-chat").toString())
                    : Optional.empty());
    console = new Console(Database.open(database), models, jobs, Set.of());
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
    jobs.queue().close();
    server.close();
    console.close();
    pool.close();
  }
}
