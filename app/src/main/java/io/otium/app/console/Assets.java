package io.otium.app.console;

import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/**
 * Styles, scripts and icons, read once. Their address holds a digest of all of them, so that a
 * browser keeps them for good and modules can import each other by plain relative names.
 */
final class Assets {
  private record Asset(byte[] bytes, String type) {}

  /** Name in the address → resource; the whole list of what is served. */
  private static final Map<String, String> SERVED = new LinkedHashMap<>();

  static {
    for (String own :
        new String[] {
          "tokens.css",
          "console.css",
          "chat.css",
          "pages.css",
          "train.css",
          "theme.js",
          "console.js",
          "chat.js",
          "code.js",
          "live.js",
          "train.js",
          "runs.js",
          "icon.svg"
        }) {
      SERVED.put(own, "/console/" + own);
    }
    SERVED.put("htmx.js", webjar("org.webjars.npm/htmx.org", "dist/htmx.min.js"));
    SERVED.put("uplot.js", webjar("org.webjars.npm/uplot", "dist/uPlot.iife.min.js"));
    SERVED.put("uplot.css", webjar("org.webjars.npm/uplot", "dist/uPlot.min.css"));
    SERVED.put("highlight.js", webjar("org.webjars/highlightjs", "highlight.min.js"));
  }

  private final Map<String, Asset> assets = new LinkedHashMap<>();
  private final String version;

  Assets() {
    MessageDigest digest = sha256();
    SERVED.forEach(
        (name, resource) -> {
          byte[] bytes = read(resource);
          digest.update(bytes);
          assets.put(name, new Asset(bytes, type(name)));
        });
    version = HexFormat.of().formatHex(digest.digest(), 0, 6);
  }

  /** Where the assets are, ending with a slash. */
  String path() {
    return "/assets/" + version + "/";
  }

  void serve(Context request) {
    Asset asset = assets.get(request.pathParam("name"));
    if (asset == null) {
      throw new NotFoundResponse("No such file");
    }
    boolean current = request.pathParam("version").equals(version);
    request.header("Cache-Control", current ? "public, max-age=31536000, immutable" : "no-cache");
    request.contentType(asset.type());
    request.result(asset.bytes());
  }

  private static String type(String name) {
    if (name.endsWith(".css")) {
      return "text/css; charset=utf-8";
    }
    return name.endsWith(".js") ? "text/javascript; charset=utf-8" : "image/svg+xml";
  }

  /**
   * A WebJar's file lies under its version, which the jar itself tells.
   *
   * @param artifact group and name
   */
  private static String webjar(String artifact, String file) {
    Properties pom = new Properties();
    byte[] bytes = read("/META-INF/maven/" + artifact + "/pom.properties");
    try {
      pom.load(new ByteArrayInputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String version = pom.getProperty("version");
    String name = artifact.substring(artifact.indexOf('/') + 1);
    return "/META-INF/resources/webjars/%s/%s/%s".formatted(name, version, file);
  }

  private static byte[] read(String resource) {
    try (InputStream stream = Assets.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new IllegalStateException("The console lacks its file " + resource);
      }
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
