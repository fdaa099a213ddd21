package io.otium.lm.hub;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.CancellationException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Counts the tries of one thing that brought nothing, and waits between them. */
final class Retries {
  /** A server that says to come back later. */
  static final class Busy extends IOException {
    private static final long serialVersionUID = 1;
    final int status;
    final transient @Nullable Duration retryAfter;

    Busy(int status, @Nullable Duration retryAfter) {
      super("status " + status);
      this.status = status;
      this.retryAfter = retryAfter;
    }
  }

  private final Transport transport;
  private final URI uri;
  private int failures;

  Retries(Transport transport, URI uri) {
    this.transport = transport;
    this.uri = uri;
  }

  /** Something arrived: patience begins anew. */
  void progressed() {
    failures = 0;
  }

  /**
   * Waits before the next try.
   *
   * @throws PullException if there were enough
   */
  void failed(IOException error) {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("The pull was interrupted");
    }
    Transport.Patience patience = transport.patience;
    failures++;
    if (failures >= patience.tries() || !worthRetrying(error)) {
      throw giveUp(error);
    }
    Duration wait = patience.firstWait().multipliedBy(1L << Math.min(failures - 1, 6));
    if (error instanceof Busy busy && busy.retryAfter != null) {
      wait = busy.retryAfter;
      if (wait.compareTo(patience.longestWait()) > 0) {
        throw new PullException(
            "%s asks to wait %d s before the next request; pull again then, what has arrived is kept"
                .formatted(uri.getHost(), wait.toSeconds()),
            error);
      }
    }
    try {
      transport.pause.sleep(wait);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("The pull was interrupted");
    }
  }

  /** A name that does not resolve, a host that swallows packets, a bad certificate stay so. */
  private static boolean worthRetrying(IOException error) {
    return !(error instanceof HttpConnectTimeoutException)
        && !(error instanceof SSLException && isCertificate(error))
        && !(error instanceof ConnectException && isUnresolved(error));
  }

  private static boolean isUnresolved(Throwable error) {
    for (Throwable at = error; at != null; at = at.getCause()) {
      if (at instanceof java.nio.channels.UnresolvedAddressException
          || at instanceof java.net.UnknownHostException) {
        return true;
      }
    }
    return false;
  }

  private static boolean isCertificate(IOException error) {
    return error instanceof javax.net.ssl.SSLHandshakeException;
  }

  private PullException giveUp(IOException error) {
    String host = uri.getHost();
    if (error instanceof Busy busy) {
      return new PullException(
          "%s keeps answering with status %d; pull again later, what has arrived is kept"
              .formatted(host, busy.status),
          error);
    }
    if (isCertificate(error)) {
      return new PullException(
          "%s has a certificate that is not trusted here; if your network has its own authority, name its file in SSL_CERT_FILE"
              .formatted(host),
          error);
    }
    String reason =
        isUnresolved(error)
            ? "its name is not known"
            : error instanceof HttpConnectTimeoutException
                ? "it does not answer"
                : error instanceof ConnectException
                    ? "the connection was refused"
                    : "the connection broke " + failures + " times in a row";
    String proxy = transport.proxyFor(uri);
    return new PullException(
        proxy.isEmpty()
            ? "%s cannot be reached (%s); check the network, what has arrived is kept"
                .formatted(host, reason)
            : "%s cannot be reached through the proxy at %s (%s); check HTTPS_PROXY, HTTP_PROXY and NO_PROXY, what has arrived is kept"
                .formatted(host, proxy, reason),
        error);
  }

  /** Seconds or a date, as HTTP has it; null for neither. */
  static @Nullable Duration retryAfter(String header) {
    long seconds = Transport.number(header.strip());
    if (seconds >= 0) {
      return Duration.ofSeconds(seconds);
    }
    try {
      ZonedDateTime until = ZonedDateTime.parse(header, DateTimeFormatter.RFC_1123_DATE_TIME);
      Duration wait = Duration.between(ZonedDateTime.now(until.getZone()), until);
      return wait.isNegative() ? Duration.ZERO : wait;
    } catch (DateTimeException e) {
      return null;
    }
  }
}
