package io.otium.app.server;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/**
 * What an extension may use of the server it is mounted on.
 *
 * @param models the models served now; loads and unloads them
 * @param methods reads a request's {@code "otium"} key
 * @param metrics where figures are registered and read
 * @param access checks API keys, for a login form
 * @param traffic requests in work
 */
public record ServerContext(
    ServerOptions options,
    ModelPool models,
    MethodParser methods,
    PrometheusMeterRegistry metrics,
    Access access,
    Traffic traffic) {}
