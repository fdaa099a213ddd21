package io.otium.app.server;

import java.util.List;
import java.util.function.UnaryOperator;

/** A server on a free port over one scripted model. */
final class ServerUnderTest implements AutoCloseable {
  final FakeLanguageModel model;
  final ModelPool models;
  final OtiumServer server;
  final Http http;

  ServerUnderTest() {
    this(new FakeLanguageModel("fake"), options -> options, MethodParser.NONE);
  }

  ServerUnderTest(UnaryOperator<ServerOptions> change) {
    this(new FakeLanguageModel("fake"), change, MethodParser.NONE);
  }

  ServerUnderTest(
      FakeLanguageModel model,
      UnaryOperator<ServerOptions> change,
      MethodParser methods,
      ServerExtension... extensions) {
    this.model = model;
    this.models = ModelPool.of(model);
    ServerOptions options =
        change.apply(
            ServerOptions.defaults()
                .withApiKey(null)
                .withAddress("127.0.0.1", 0)
                .withShutdownGraceSeconds(0));
    this.server = new OtiumServer(options, models, methods, List.of(extensions)).start();
    this.http = new Http(server);
  }

  @Override
  public void close() {
    http.close();
    server.close();
    models.close();
  }
}
