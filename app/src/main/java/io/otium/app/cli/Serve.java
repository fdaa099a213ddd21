package io.otium.app.cli;

import io.otium.app.console.Console;
import io.otium.app.server.LazyMethods;
import io.otium.app.server.ModelPool;
import io.otium.app.server.OtiumServer;
import io.otium.app.server.ServerOptions;
import io.otium.app.server.embedding.SentenceEncoder;
import io.otium.app.server.tuning.TuningApi;
import io.otium.app.training.FileStore;
import io.otium.app.training.Jobs;
import io.otium.app.training.TrainingQueue;
import io.otium.app.training.TunedModels;
import io.otium.core.options.Options;
import io.otium.core.run.Runs;
import io.otium.lm.FoundModel;
import io.otium.lm.LanguageModel;
import io.otium.lm.LoadOptions;
import io.otium.lm.ModelInfo;
import io.otium.lm.SharedModels;
import io.otium.lm.hub.OtiumHome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;

/** {@code otium serve}: the server, until it is told to stop. */
@Command(
    description = {
      "Serves a model over OpenAI's API, with a console for the browser on the same address.",
      "Ctrl-C lets answers in work finish, then stops."
    },
    footer = {
      "Examples:",
      "  ./otium serve",
      "  ./otium serve --port 9000 --weights int8",
      "  OTIUM_API_KEY=secret ./otium serve --host 0.0.0.0"
    })
final class Serve implements Verb {
  private final Cli cli;
  private final OptionFlags<ServerOptions> flags =
      new OptionFlags<>(Options.describe(ServerOptions.class, ServerOptions.defaults()), "");
  private final LazyFlags lazy = new LazyFlags();

  @Mixin ModelFlags model;
  @Mixin Common common;

  Serve(Cli cli) {
    this.cli = cli;
  }

  @Override
  public void describe(CommandSpec spec) {
    flags.addTo(spec, "How it listens");
    lazy.addTo(spec);
    model.addTo(spec);
  }

  @Override
  public Integer call() throws InterruptedException {
    ServerOptions options = flags.read();
    LoadOptions loading = model.options();
    requireFreePort(options);
    var shared = new SharedModels();
    FoundModel first = cli.find(model.request().among(shared));
    try (ModelPool pool =
        new ModelPool(name -> warm(cli.load(new Cli.LoadRequest(name, loading).among(shared))))) {
      pool.expect(first.info());
      pool.addEncoder(SentenceEncoder.allMiniLm()); // loads when first asked
      OtiumHome home = new OtiumHome(cli.home());
      TunedModels tuned = new TunedModels(new Runs(home.runs()));
      pool.alsoKnow(tuned);
      TrainingQueue queue = new TrainingQueue(home);
      Jobs jobs =
          new Jobs(
              queue,
              new FileStore(home.files()),
              cli.models(),
              name ->
                  name.equals(first.info().id()) ? Optional.of(loadedBy()) : tuned.reference(name));
      Console console = Console.in(home, pool, jobs, Set.of(options.host()));
      OtiumServer server =
          new OtiumServer(
                  options,
                  pool,
                  new LazyMethods(lazy.read()),
                  List.of(new TuningApi(jobs), console))
              .start();
      announce(server, first.info());
      Thread stop = stopWithTheProcess(server, queue, console, pool);
      long listening = System.nanoTime();
      try {
        LanguageModel _ = pool.loadExpected(() -> warm(Cli.load(first)));
      } catch (RuntimeException | Error failed) {
        Runtime.getRuntime().removeShutdownHook(stop);
        queue.close();
        server.close();
        console.close();
        throw failed;
      }
      announceReady(first.info(), (System.nanoTime() - listening) / 1e9);
      new CountDownLatch(1).await();
      return 0;
    }
  }

  /** What the user named, as a path from everywhere if it is one. */
  private String loadedBy() {
    String name = model.request().model();
    Path path = Path.of(name);
    return Files.exists(path) ? path.toAbsolutePath().normalize().toString() : name;
  }

  /** Asked before the model is fetched, which takes longer than to be told. */
  private static void requireFreePort(ServerOptions options) {
    try (var probe = new ServerSocket()) {
      probe.setReuseAddress(true); // as the server does: a port that was just left counts as free
      probe.bind(new InetSocketAddress(options.host(), options.port()));
    } catch (IOException e) {
      throw new UncheckedIOException(
          new IOException(
              "cannot listen on %s port %d: it is in use or not allowed; choose another with --port"
                  .formatted(options.host(), options.port()),
              e));
    }
  }

  /** The first request is the one people judge. */
  private static LanguageModel warm(LanguageModel model) {
    model.warmUp();
    return model;
  }

  private void announce(OtiumServer server, ModelInfo first) {
    if (common.json) {
      Json.print(
          cli,
          Json.MAPPER
              .createObjectNode()
              .put("address", server.uri().toString())
              .put("model", first.id())
              .put("pid", ProcessHandle.current().pid()));
      return;
    }
    cli.out().println("Serving " + ChatCommands.describe(first));
    cli.out().println("  console  " + server.uri() + "/");
    cli.out().println("  API      " + server.uri() + "/v1");
    cli.out().println("Loading the model; requests wait for it. Ctrl-C stops.");
    cli.out().flush();
  }

  private void announceReady(ModelInfo first, double seconds) {
    if (common.json) {
      Json.print(
          cli,
          Json.MAPPER
              .createObjectNode()
              .put("ready", true)
              .put("model", first.id())
              .put("seconds", Math.round(seconds * 10) / 10.0));
      return;
    }
    cli.out().println(String.format(Locale.ROOT, "Ready after %.1f s.", seconds));
    cli.out().flush();
  }

  private Thread stopWithTheProcess(
      OtiumServer server, TrainingQueue queue, Console console, ModelPool pool) {
    var stop =
        new Thread(
            () -> {
              if (!common.json) cli.err().println("stopping when the answers in work are done");
              queue.close();
              server.stop();
              console.close();
              pool.close();
              cli.err().flush();
              // Stopped as asked: that is success, whatever signal asked.
              Runtime.getRuntime().halt(0);
            },
            "stop");
    Runtime.getRuntime().addShutdownHook(stop);
    return stop;
  }
}
