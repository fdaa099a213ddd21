package io.otium.app.server.tuning;

import io.javalin.config.JavalinConfig;
import io.otium.app.server.ServerContext;
import io.otium.app.server.ServerExtension;
import io.otium.app.training.Jobs;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The fine-tuning API as a part of the server. */
public final class TuningApi implements ServerExtension {
  private final Jobs jobs;

  public TuningApi(Jobs jobs) {
    this.jobs = jobs;
  }

  @Override
  public void register(JavalinConfig config, ServerContext context) {
    try {
      new FileRoutes(jobs, context.options().maxFileBytes()).register(config.routes);
    } catch (IOException e) {
      throw new UncheckedIOException("uploaded files cannot be kept: " + e.getMessage(), e);
    }
    new JobRoutes(jobs, context).register(config.routes);
  }
}
