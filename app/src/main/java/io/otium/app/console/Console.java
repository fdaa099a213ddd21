package io.otium.app.console;

import io.javalin.config.JavalinConfig;
import io.otium.app.console.chat.Answers;
import io.otium.app.console.chat.Conversations;
import io.otium.app.console.chat.Database;
import io.otium.app.console.chat.SettingsForm;
import io.otium.app.server.ModelPool;
import io.otium.app.server.ServerContext;
import io.otium.app.server.ServerExtension;
import io.otium.app.training.Jobs;
import io.otium.lm.hub.Models;
import io.otium.lm.hub.OtiumHome;
import java.time.Clock;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The browser console: opens its database and mounts its pages. Close it after the server. */
public final class Console implements ServerExtension, AutoCloseable {
  /** Its pages ask for the key themselves, by redirecting to the login page. */
  private static final Pattern OWN =
      Pattern.compile(
          "/|/(chat|chats|messages|models|train|runs|live|api|papers|login|assets)(/.*)?");

  private final Set<String> hosts;
  private final ConsoleModels models;
  private final Jobs jobs;
  private final Database database;
  private final Answers answers;
  private final SettingsForm form = new SettingsForm();
  private final Conversations conversations;
  private final Assets assets = new Assets();
  private final Views views;
  private @Nullable LiveFigures figures;

  /**
   * @param database of the conversations; closed with the console
   * @param jobs what is trained, and all runs
   * @param hosts names the server is reached by, beside {@code localhost} and IP addresses
   */
  public Console(Database database, ConsoleModels models, Jobs jobs, Set<String> hosts) {
    Clock clock = Clock.systemDefaultZone();
    this.hosts = Set.copyOf(hosts);
    this.models = models;
    this.jobs = jobs;
    this.database = database;
    conversations = new Conversations(database, clock);
    answers = new Answers(conversations, models::open, form);
    views = new Views(assets.path(), conversations, clock);
  }

  /**
   * The console of a server: conversations and models where a user's home has them.
   *
   * @param hosts names the server is reached by, beside {@code localhost} and IP addresses
   */
  public static Console in(OtiumHome home, ModelPool pool, Jobs jobs, Set<String> hosts) {
    return new Console(
        Database.in(home.root()), new PooledModels(pool, Models.at(home)), jobs, hosts);
  }

  @Override
  public boolean isOpen(String path) {
    return OWN.matcher(path).matches();
  }

  @Override
  public void register(JavalinConfig config, ServerContext context) {
    ConsoleGuard guard = new ConsoleGuard(hosts, context.access());
    GuardedRoutes routes = new GuardedRoutes(config.routes, guard);
    routes.getOpen("/assets/{version}/{name}", assets::serve);
    new LoginRoutes(guard, views, assets.path()).register(routes);
    new ChatRoutes(conversations, answers, form, views, models).register(routes);
    new ModelRoutes(models, views).register(routes);
    figures = new LiveFigures(context.models()::all);
    new LiveRoutes(figures, views).register(routes);
    new TrainRoutes(jobs, models, views, context.options().maxFileBytes()).register(routes);
    new RunRoutes(jobs, views).register(routes);
    new PaperRoutes(jobs.queue().runs(), views).register(routes);
    new ApiRoutes(models, views, context.access().needsKey()).register(routes);
  }

  /** Ends answers being written, and closes the database. */
  @Override
  public void close() {
    if (figures != null) {
      figures.close();
    }
    answers.close();
    database.close();
  }
}
