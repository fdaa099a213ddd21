package io.otium.app.server;

import io.javalin.http.Context;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.EndPoint;

/**
 * The other end of a request's connection. While an answer is being made nobody reads from it, so
 * that a hang-up would go unnoticed until something is written; this looks for it.
 */
public final class Client {
  private final EndPoint connection;
  private final ByteBuffer early = ByteBuffer.allocate(1);
  private boolean spokeEarly;

  private Client(EndPoint connection) {
    this.connection = connection;
  }

  /** The client of a request whose body has been read to its end. */
  public static Client of(Context ctx) {
    var request = ServletContextRequest.getServletContextRequest(ctx.req());
    return new Client(request.getConnectionMetaData().getConnection().getEndPoint());
  }

  /** Whether the connection was closed, or half of it: then nobody waits for the answer. */
  public boolean isGone() {
    if (!connection.isOpen()) return true;
    if (spokeEarly) return false;
    try {
      early.clear().limit(0);
      // Jetty's buffers are in flush mode: the limit moves when bytes come in.
      int read = connection.fill(early);
      spokeEarly = read > 0;
      return read < 0;
    } catch (IOException broken) {
      return true;
    }
  }

  /**
   * Whether the client sent more before its answer came (pipelining). Those bytes are lost, so the
   * connection must end with the answer, as HTTP allows; the client then asks again.
   */
  boolean spokeEarly() {
    return spokeEarly;
  }

  /** Ends the connection once all has been written. */
  void hangUp() {
    connection.close();
  }
}
