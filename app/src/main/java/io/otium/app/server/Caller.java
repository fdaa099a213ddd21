package io.otium.app.server;

import io.javalin.http.Context;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.server.Request;

/**
 * Who waits for an answer: a client that may hang up, let into a server that may stop. Closing it
 * makes room for the next.
 */
final class Caller implements AutoCloseable {
  /** How soon a hang-up is noticed while nothing is said. */
  static final long LOOK_MILLIS = 50;

  private final Client client;
  private final Traffic.Visit visit;

  private Caller(Client client, Traffic.Visit visit) {
    this.client = client;
    this.visit = visit;
  }

  /**
   * Lets a request in whose body has been read to its end.
   *
   * @throws ApiException 429 if too many are in work, 503 if the server is stopping
   */
  static Caller enter(Context ctx, Traffic traffic) {
    Traffic.Visit visit = traffic.enter();
    var request = ServletContextRequest.getServletContextRequest(ctx.req());
    Request.addCompletionListener(request, failure -> visit.sent());
    return new Caller(Client.of(ctx), visit);
  }

  Client client() {
    return client;
  }

  /**
   * To be called now and then while an answer is being made.
   *
   * @throws ClientGoneException if the client hung up
   * @throws ApiException 503 if the answer is cut off, since the server stops
   */
  void check() {
    if (client.isGone()) throw new ClientGoneException();
    if (visit.isCutOff()) throw ApiException.stopping();
  }

  @Override
  public void close() {
    visit.close();
  }
}
