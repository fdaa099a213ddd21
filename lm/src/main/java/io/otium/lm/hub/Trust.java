package io.otium.lm.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whom to trust: the JDK's authorities and those of the machine, because a company's or container's
 * own authority stands in the system's bundle and not in the JDK's.
 */
final class Trust {
  private Trust() {}

  private static final List<String> BUNDLES =
      List.of(
          "/etc/ssl/certs/ca-certificates.crt",
          "/etc/pki/tls/certs/ca-bundle.crt",
          "/etc/ssl/ca-bundle.pem",
          "/etc/ssl/cert.pem");

  /** A client that follows no redirects, and asks through the environment's proxies. */
  static HttpClient client(
      Map<String, String> environment, @Nullable String extraBundle, Transport.Patience patience) {
    HttpClient.Builder client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(patience.connect())
            .sslContext(context(environment, extraBundle));
    Proxies.apply(environment, client);
    return client.build();
  }

  private static SSLContext context(Map<String, String> environment, @Nullable String extra) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int n = 0;
      for (X509Certificate authority : ofJdk()) {
        store.setCertificateEntry("jdk-" + n++, authority);
      }
      for (Certificate authority : ofMachine(environment, extra)) {
        store.setCertificateEntry("machine-" + n++, authority);
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, factory.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("The trusted authorities cannot be set up", e);
    }
  }

  private static List<X509Certificate> ofJdk() throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager x509) {
        return List.of(x509.getAcceptedIssuers());
      }
    }
    return List.of();
  }

  private static Collection<? extends Certificate> ofMachine(
      Map<String, String> environment, @Nullable String extra) {
    String chosen = environment.getOrDefault("SSL_CERT_FILE", extra == null ? "" : extra);
    if (!chosen.isBlank()) {
      if (!Files.isReadable(Path.of(chosen))) {
        throw new PullException(
            "SSL_CERT_FILE (or pip's 'cert') names %s, which cannot be read".formatted(chosen));
      }
      return read(Path.of(chosen));
    }
    for (String bundle : BUNDLES) {
      if (Files.isReadable(Path.of(bundle))) {
        return read(Path.of(bundle));
      }
    }
    return List.of();
  }

  private static Collection<? extends Certificate> read(Path bundle) {
    try (InputStream in = Files.newInputStream(bundle)) {
      return CertificateFactory.getInstance("X.509").generateCertificates(in);
    } catch (IOException | CertificateException e) {
      throw new PullException(bundle + " holds no certificates that can be read", e);
    }
  }
}
