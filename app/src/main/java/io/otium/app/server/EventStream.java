package io.otium.app.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.Context;
import jakarta.servlet.ServletOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Server-sent events, as OpenAI streams them. */
public final class EventStream {
  private static final byte[] DATA = "data: ".getBytes(StandardCharsets.UTF_8);
  private static final byte[] END = "\n\n".getBytes(StandardCharsets.UTF_8);
  private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8);

  private final ServletOutputStream out;

  /** Nothing is sent before the first event, so that an early failure still gets its status. */
  public EventStream(Context ctx) {
    ctx.res().setContentType("text/event-stream; charset=utf-8");
    ctx.header("Cache-Control", "no-cache");
    // Proxies such as nginx would collect events before passing them on.
    ctx.header("X-Accel-Buffering", "no");
    try {
      out = ctx.res().getOutputStream();
    } catch (IOException gone) {
      throw new ClientGoneException();
    }
  }

  public void send(JsonNode event) {
    try {
      out.write(DATA);
      out.write(Json.bytes(event));
      out.write(END);
    } catch (IOException gone) {
      throw new ClientGoneException();
    }
  }

  public void flush() {
    try {
      out.flush();
    } catch (IOException gone) {
      throw new ClientGoneException();
    }
  }

  /** The end of a whole stream; one that failed goes without. */
  public void done() {
    try {
      out.write(DONE);
      out.flush();
    } catch (IOException gone) {
      throw new ClientGoneException();
    }
  }

  public void close() {
    try {
      out.close();
    } catch (IOException gone) {
      throw new ClientGoneException();
    }
  }
}
