package io.otium.app.console;

import io.javalin.config.JavalinConfig;
import io.otium.app.console.chat.Answers;
import io.otium.app.console.chat.Conversations;
import io.otium.app.console.chat.Database;
import io.otium.app.console.chat.SettingsForm;
import io.otium.app.server.ServerContext;
import io.otium.app.server.ServerExtension;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Set;

/** The browser console: opens its database and mounts its pages. */
public final class Console implements ServerExtension, AutoCloseable {
  private final Database database;
  private final Conversations conversations;
  private final Answers answers;
  private final SettingsForm form = new SettingsForm();
  private final Assets assets = new Assets();
  private final Views views;
  private final ConsoleModels models;
  private final ConsoleGuard guard;

  /**
   * @param file SQLite file of the conversations; made if it is not there
   * @param hosts names the server is reached by, beside {@code localhost} and IP addresses
   */
  public Console(Path file, ConsoleModels models, Set<String> hosts) {
    Clock clock = Clock.systemDefaultZone();
    this.models = models;
    database = Database.open(file);
    conversations = new Conversations(database, clock);
    answers = new Answers(conversations, models::open, form);
    views = new Views(assets.path(), conversations, clock);
    guard = new ConsoleGuard(hosts);
  }

  @Override
  public void register(JavalinConfig config, ServerContext context) {
    GuardedRoutes routes = new GuardedRoutes(config.routes, guard);
    routes.get("/assets/{version}/{name}", assets::serve);
    new ChatRoutes(
            conversations,
            answers,
            form,
            views,
            () -> models.installed().stream().map(InstalledModel::id).toList())
        .register(routes);
  }

  /** Ends answers being written, and closes the database. */
  @Override
  public void close() {
    answers.close();
    database.close();
  }
}
