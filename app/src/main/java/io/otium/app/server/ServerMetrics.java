package io.otium.app.server;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.otium.lm.LanguageModel;
import io.otium.lm.engine.EngineStats;
import io.otium.lm.engine.GenerationResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The figures under /metrics: requests, answers, the engines, the JVM. */
final class ServerMetrics implements AutoCloseable {
  private static final Duration[] LATENCIES = {
    Duration.ofMillis(10), Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofMillis(250),
    Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofMillis(2500), Duration.ofSeconds(5),
    Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(60)
  };

  /** One figure of an engine. */
  private record EngineFigure(String name, String doc, ToDoubleFunction<EngineStats> value) {}

  private static final List<EngineFigure> ENGINE =
      List.of(
          new EngineFigure("running", "sequences in the batch", EngineStats::running),
          new EngineFigure("waiting", "requests in the engine's queue", EngineStats::waiting),
          new EngineFigure("kv.slots.used", "cache slots held", EngineStats::kvSlotsUsed),
          new EngineFigure("kv.slots", "cache slots there are", EngineStats::kvSlotsTotal),
          new EngineFigure("prompt.tokens", "prompt tokens processed", EngineStats::promptTokens),
          new EngineFigure(
              "cached.tokens",
              "prompt tokens found in the prefix cache",
              EngineStats::cachedTokens),
          new EngineFigure("generated.tokens", "tokens generated", EngineStats::generatedTokens),
          new EngineFigure("requests", "requests since loading", EngineStats::requests),
          new EngineFigure("prefill.seconds", "time in prompts", EngineStats::prefillSeconds),
          new EngineFigure("decode.seconds", "time in answers", EngineStats::decodeSeconds),
          new EngineFigure("weight.bytes", "memory of the weights", EngineStats::weightBytes),
          new EngineFigure("kv.bytes", "memory of the cache", EngineStats::kvBytes));

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final ModelPool models;
  private final List<MultiGauge> engine = new ArrayList<>();

  ServerMetrics(ModelPool models, Traffic traffic) {
    this.models = models;
    new ClassLoaderMetrics().bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    gc.bindTo(registry);
    Gauge.builder("otium.requests.in.work", traffic, Traffic::inWork)
        .description("requests for a model in work or waiting")
        .register(registry);
    for (EngineFigure figure : ENGINE) {
      engine.add(
          MultiGauge.builder("otium.engine." + figure.name())
              .description(figure.doc())
              .register(registry));
    }
  }

  PrometheusMeterRegistry registry() {
    return registry;
  }

  void request(String route, String method, int status, double millis) {
    Timer.builder("otium.http.requests")
        .description("requests answered")
        .tags("route", route, "method", method, "status", Integer.toString(status))
        .serviceLevelObjectives(LATENCIES)
        .register(registry)
        .record(Duration.ofNanos((long) (millis * 1e6)));
  }

  void generation(String model, GenerationResult result) {
    registry
        .counter("otium.tokens", "model", model, "kind", "prompt")
        .increment(result.promptTokens());
    registry
        .counter("otium.tokens", "model", model, "kind", "cached")
        .increment(result.cachedTokens());
    registry
        .counter("otium.tokens", "model", model, "kind", "generated")
        .increment(result.tokens().length);
    timer("otium.ttft", "time to first token", model).record(millis(result.stats().ttftMs()));
    timer("otium.queued", "time until work began", model).record(millis(result.stats().queuedMs()));
  }

  /**
   * @param answers that were stopped because nobody waits for them any more
   */
  void hungUp(String model, int answers) {
    Counter.builder("otium.cancelled")
        .description("answers stopped because the client hung up")
        .tags("model", model)
        .register(registry)
        .increment(answers);
  }

  /** All figures in Prometheus' text format. */
  String scrape() {
    List<LanguageModel> loaded = models.all();
    for (int i = 0; i < ENGINE.size(); i++) {
      ToDoubleFunction<EngineStats> value = ENGINE.get(i).value();
      var rows = new ArrayList<MultiGauge.Row<?>>();
      for (LanguageModel model : loaded) {
        rows.add(
            MultiGauge.Row.of(
                Tags.of("model", model.info().id()), value.applyAsDouble(model.stats())));
      }
      engine.get(i).register(rows, true);
    }
    return registry.scrape();
  }

  private Timer timer(String name, String doc, String model) {
    return Timer.builder(name)
        .description(doc)
        .tags("model", model)
        .serviceLevelObjectives(LATENCIES)
        .register(registry);
  }

  private static Duration millis(double value) {
    return Duration.ofNanos(Double.isFinite(value) ? (long) (Math.max(0, value) * 1e6) : 0);
  }

  @Override
  public void close() {
    gc.close();
    registry.close();
  }
}
