package io.otium.app.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.util.JavalinBindException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.URI;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server: OpenAI's API over the models of a {@link ModelPool}, /health, /metrics, and the
 * routes of its extensions. One virtual thread a request.
 */
public final class OtiumServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(OtiumServer.class);

  /** After the grace, how long cut-off answers get to say so. */
  private static final long CUT_OFF_MILLIS = 2000;

  private final ServerOptions options;
  private final ModelPool models;
  private final Traffic traffic;
  private final ServerMetrics metrics;
  private final Access access;
  private final Javalin javalin;

  public OtiumServer(
      ServerOptions options,
      ModelPool models,
      MethodParser methods,
      List<ServerExtension> extensions) {
    this.options = options;
    this.models = models;
    this.traffic = new Traffic(options.queue());
    this.metrics = new ServerMetrics(models, traffic);
    this.access =
        new Access(options, path -> extensions.stream().anyMatch(ext -> ext.isOpen(path)));
    var context = new ServerContext(options, models, methods, metrics.registry(), access, traffic);
    this.javalin =
        Javalin.create(
            config -> {
              configure(config);
              config.routes.before(this::receive);
              config.routes.get("/health", this::health);
              config.routes.get("/metrics", this::metrics);
              new ModelRoutes(models).register(config.routes);
              var answers = new AnswerRoute(metrics, options.logPrompts());
              new GenerationRoutes(models, traffic, methods, answers, options.maxBodyBytes())
                  .register(config.routes);
              new EmbeddingRoutes(models, traffic, options.maxBodyBytes()).register(config.routes);
              Refusals.register(config.routes);
              extensions.forEach(extension -> extension.register(config, context));
            });
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.concurrency.useVirtualThreads = true;
    config.http.prefer405over404 = true;
    // Nothing secret shares a compressed answer with a caller's text, and streams stay unbuffered.
    config.http.compressionStrategy = CompressionStrategy.NONE;
    config.http.maxRequestSize = options.maxBodyBytes();
    config.jetty.modifyServer(server -> server.setErrorHandler(new PlainErrors()));
    config.jetty.modifyHttpConfiguration(http -> http.setSendServerVersion(false));
    config.requestLogger.http((ctx, millis) -> finished(ctx, millis));
    config.router.javaLangErrorHandler(Refusals::answer);
  }

  private void receive(Context ctx) {
    RequestIds.assign(ctx);
    access.protect(ctx);
    if (access.answersPreflight(ctx)) {
      ctx.skipRemainingHandlers();
      return;
    }
    access.check(ctx);
  }

  private void finished(Context ctx, float millis) {
    var endpoint = ctx.endpoints().lastHttpEndpoint();
    String route = endpoint == null ? "none" : endpoint.path;
    metrics.request(route, ctx.req().getMethod(), ctx.statusCode(), millis);
    log.info(
        "{} {} {} {} ms",
        ctx.req().getMethod(),
        Quote.of(ctx.path()),
        ctx.statusCode(),
        Math.round(millis));
    RequestIds.forget();
  }

  private void health(Context ctx) {
    String status =
        traffic.isStopping()
            ? "stopping"
            : models.expected() != null
                ? "loading"
                : models.all().isEmpty() ? "no model loaded" : "ok";
    ctx.status(status.equals("ok") ? 200 : 503);
    Json.answer(ctx, JsonNodeFactory.instance.objectNode().put("status", status));
  }

  private void metrics(Context ctx) {
    ctx.contentType("text/plain; version=0.0.4; charset=utf-8").result(metrics.scrape());
  }

  /**
   * Begins to listen.
   *
   * @throws UncheckedIOException with a sentence for the user if the address cannot be had
   */
  public OtiumServer start() {
    try {
      javalin.start(options.host(), options.port());
    } catch (JavalinBindException taken) {
      throw new UncheckedIOException(
          new BindException(
              "cannot listen on %s port %d: it is in use or not allowed; choose another with --port"
                  .formatted(options.host(), options.port())));
    }
    if (!access.staysLocal() && !access.needsKey()) {
      log.warn("everyone who reaches {} may use this server: no API key is set", options.host());
    }
    return this;
  }

  /** The port it listens on. */
  public int port() {
    return javalin.port();
  }

  /** The address to type into a browser or a client. */
  public URI uri() {
    String host = options.host();
    if (host.equals("0.0.0.0") || host.equals("::")) host = "localhost";
    return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port());
  }

  /**
   * Lets answers in work finish within the grace, refuses new requests meanwhile, then stops. The
   * models stay loaded.
   */
  public void stop() {
    traffic.drain(options.shutdownGraceSeconds() * 1000L, CUT_OFF_MILLIS);
    javalin.stop();
    metrics.close();
  }

  @Override
  public void close() {
    stop();
  }
}
