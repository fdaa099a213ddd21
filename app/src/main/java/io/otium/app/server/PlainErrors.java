package io.otium.app.server;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Errors of the HTTP layer itself, below any route: a bad request line, headers too large. */
final class PlainErrors extends ErrorHandler {
  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    int status = response.getStatus() < 400 ? 500 : response.getStatus();
    Object reason = request.getAttribute(ErrorHandler.ERROR_MESSAGE);
    var refusal =
        new ApiException(
            status,
            status >= 500 ? "server_error" : "invalid_request_error",
            null,
            "http_error",
            status >= 500 || reason == null
                ? "the request failed with status " + status
                : Quote.of(reason.toString()));
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    response.getHeaders().put(RequestIds.HEADER, RequestIds.fresh());
    response.write(true, ByteBuffer.wrap(Json.bytes(refusal.toJson())), callback);
    return true;
  }
}
