package io.otium.app.server.tuning;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import io.otium.app.cli.SmallModels;
import io.otium.app.server.MethodParser;
import io.otium.app.server.ModelPool;
import io.otium.app.server.OtiumServer;
import io.otium.app.server.ServerOptions;
import io.otium.app.training.FileStore;
import io.otium.app.training.Jobs;
import io.otium.app.training.TrainingQueue;
import io.otium.app.training.TunedModels;
import io.otium.core.run.Runs;
import io.otium.lm.LanguageModel;
import io.otium.lm.LoadOptions;
import io.otium.lm.Model;
import io.otium.lm.hub.Models;
import io.otium.lm.hub.OtiumHome;
import io.otium.lm.hub.ProgressListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A server over a model of some thousand weights, which can be taught. */
final class TuningUnderTest implements AutoCloseable {
  static final String BASE = "tiny-chat";

  final OtiumHome home;
  final TrainingQueue queue;
  final Jobs jobs;
  final OtiumServer server;
  final OpenAIClient client;
  private final ModelPool models;

  TuningUnderTest(Path folder, UnaryOperator<ServerOptions> change) {
    home = new OtiumHome(folder);
    models = new ModelPool(this::load);
    models.add(load(BASE));
    TunedModels tuned = new TunedModels(new Runs(home.runs()));
    models.alsoKnow(tuned);
    queue = new TrainingQueue(home);
    jobs =
        new Jobs(
            queue,
            new FileStore(home.files()),
            Models.at(home),
            name -> name.equals(BASE) ? Optional.of(path()) : tuned.reference(name));
    ServerOptions options =
        change.apply(
            ServerOptions.defaults()
                .withApiKey(null)
                .withAddress("127.0.0.1", 0)
                .withShutdownGraceSeconds(0));
    server =
        new OtiumServer(options, models, MethodParser.NONE, List.of(new TuningApi(jobs))).start();
    client =
        OpenAIOkHttpClient.builder()
            .baseUrl(server.uri() + "/v1")
            .apiKey("any")
            .maxRetries(3) // a busy machine lets kept connections grow old
            .build();
  }

  static String path() {
    return SmallModels.folder(BASE).toString();
  }

  private LanguageModel load(String name) {
    try {
      Path path =
          name.equals(BASE)
              ? Path.of(path())
              : Models.at(home).resolve(name, ProgressListener.NONE);
      return Model.load(name, path, LoadOptions.defaults());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    client.close();
    queue.close();
    server.close();
    models.close();
  }
}
