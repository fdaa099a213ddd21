package io.otium.lm.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Models of the hub: {@code HF_ENDPOINT} (a mirror; else the public hub) with {@code HF_TOKEN},
 * which is sent to that server alone. A revision is resolved to its commit first, and all files are
 * of that commit.
 */
final class HubSource {
  /** The protocol's documented default for {@code HF_ENDPOINT}. */
  private static final String PUBLIC_HUB = "https://huggingface.co";

  private static final int MOST_FILES = 20_000;

  private final URI endpoint;
  private final Transport.@Nullable Auth auth;
  private final Downloads downloads;

  HubSource(Map<String, String> environment, Downloads downloads) {
    String chosen = environment.getOrDefault("HF_ENDPOINT", "").strip();
    String address = chosen.isEmpty() ? PUBLIC_HUB : chosen;
    this.endpoint = Downloads.server(address, "HF_ENDPOINT");
    String token = environment.getOrDefault("HF_TOKEN", "").strip();
    if (token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new PullException("HF_TOKEN has characters in it that no token has; copy it again");
    }
    this.auth = token.isEmpty() ? null : new Transport.Auth(endpoint, "Bearer " + token);
    this.downloads = downloads;
  }

  /**
   * What a repository holds at a revision.
   *
   * @param commit full hash
   */
  record Listing(String commit, String licence, List<Entry> files) {}

  /** A file of a repository. */
  record Entry(String name, long size, RemoteFile.@Nullable Expected expected) {}

  /**
   * Asks what a repository holds.
   *
   * @throws PullException if it cannot be seen, or if the answer is not to be trusted
   */
  Listing list(ModelRef.Hub ref) {
    URI uri =
        address("/api/models/" + ref.id() + "/revision/" + encoded(ref.revision()) + "?blobs=true");
    byte[] json =
        downloads.transport.document(
            uri, auth, "application/json", 32 << 20, reply -> explain(ref, reply));
    try {
      JsonNode root = ModelManifest.JSON.readTree(json);
      String commit = root.path("sha").asText("");
      if (!commit.matches("[0-9a-f]{40,64}") || !root.path("siblings").isArray()) {
        throw new PullException(
            "%s answered about %s with JSON that is not the hub's; check HF_ENDPOINT"
                .formatted(endpoint.getHost(), ref));
      }
      List<Entry> files = new ArrayList<>();
      for (JsonNode sibling : root.path("siblings")) {
        String name = sibling.path("rfilename").asText("");
        if (!SafeName.isSafe(name)) {
          throw new PullException(
              "%s lists a file '%s' in %s that would lie outside the model's folder; nothing is fetched"
                  .formatted(endpoint.getHost(), SafeName.printable(name), ref));
        }
        if (files.size() >= MOST_FILES) {
          throw new PullException(
              "%s has more than %d files; that is no model".formatted(ref, MOST_FILES));
        }
        files.add(entry(name, sibling));
      }
      return new Listing(commit, licence(root), files);
    } catch (IOException e) {
      throw new PullException(
          "%s answered about %s with something that is no JSON; check HF_ENDPOINT"
              .formatted(endpoint.getHost(), ref),
          e);
    }
  }

  private static Entry entry(String name, JsonNode sibling) {
    JsonNode lfs = sibling.path("lfs");
    String sha256 = lfs.path("sha256").asText("").toLowerCase(Locale.ROOT);
    String blob = sibling.path("blobId").asText("").toLowerCase(Locale.ROOT);
    RemoteFile.Expected expected =
        lfs.isObject() ? RemoteFile.Expected.ofEtag(sha256) : RemoteFile.Expected.ofEtag(blob);
    long size = sibling.path("size").asLong(lfs.path("size").asLong(-1));
    return new Entry(name, size < 0 ? -1 : size, expected);
  }

  private static String licence(JsonNode root) {
    String licence = root.path("cardData").path("license").asText("");
    for (JsonNode tag : root.path("tags")) {
      if (licence.isEmpty() && tag.asText("").startsWith("license:")) {
        licence = tag.asText().substring("license:".length());
      }
    }
    return SafeName.printable(licence.toLowerCase(Locale.ROOT));
  }

  /** Fetches the model's files of a listing. */
  Fetched fetch(ModelRef.Hub ref, Listing listing, Path staging, ProgressListener listener)
      throws IOException {
    List<String> names = listing.files().stream().map(Entry::name).toList();
    Set<String> chosen = Set.copyOf(ModelFiles.choose(ref, names));
    List<RemoteFile> files = new ArrayList<>();
    for (Entry entry : listing.files()) {
      if (chosen.contains(entry.name())) {
        URI uri =
            address(
                "/" + ref.id() + "/resolve/" + listing.commit() + "/" + encodedPath(entry.name()));
        files.add(
            new RemoteFile(
                entry.name(),
                uri,
                auth,
                entry.size(),
                entry.expected(),
                reply -> explain(ref, reply)));
      }
    }
    Path folder = staging.resolve("files");
    dropOthers(folder, chosen);
    downloads.fetch(ref.toString(), files, folder, 0, listener);
    checkShards(ref, folder, chosen);
    String stem = ref.name();
    if (ref.file() != null) {
      String file = ref.file().substring(ref.file().lastIndexOf('/') + 1);
      stem = file.substring(0, file.length() - ".gguf".length());
    }
    String fuller = ref.id() + (ref.file() == null ? "" : "/" + stem);
    return new Fetched(folder, stem, fuller, listing.commit(), listing.licence());
  }

  /** Deletes what an earlier try left that is no part of this revision's model. */
  private static void dropOthers(Path folder, Set<String> chosen) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder)) {
      files = walk.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      String name = folder.relativize(file).toString().replace('\\', '/');
      if (!chosen.contains(name.replaceFirst("\\.part(\\.json)?$", ""))) {
        Files.delete(file);
      }
    }
  }

  /** An index of shards must name only shards that are there. */
  private static void checkShards(ModelRef.Hub ref, Path folder, Set<String> files)
      throws IOException {
    Path index = folder.resolve("model.safetensors.index.json");
    if (!Files.exists(index)) {
      return;
    }
    for (JsonNode shard : ModelManifest.JSON.readTree(index.toFile()).path("weight_map")) {
      if (!files.contains(shard.asText(""))) {
        throw new PullException(
            "%s is incomplete: its index names %s, which is not there; choose another revision"
                .formatted(ref, SafeName.printable(shard.asText(""))));
      }
    }
  }

  private PullException explain(ModelRef.Hub ref, Transport.Reply reply) {
    String host = endpoint.getHost();
    String code = reply.header("X-Error-Code");
    int status = reply.status();
    if (code.equals("RevisionNotFound")) {
      return new PullException(
          "%s has no revision '%s' of %s; leave @REVISION away for the newest"
              .formatted(host, ref.revision(), ref.id()));
    }
    if (code.equals("GatedRepo") || status == 403) {
      return new PullException(
          auth == null
              ? "%s wants to know who asks for %s: accept its licence at %s and set HF_TOKEN"
                  .formatted(host, ref.id(), page(ref))
              : "Your HF_TOKEN may not read %s: accept its licence at %s first"
                  .formatted(ref.id(), page(ref)));
    }
    if (status == 401 && auth != null && !code.equals("RepoNotFound")) {
      return new PullException(
          "%s does not accept your HF_TOKEN; make a new one, or unset it".formatted(host));
    }
    if (status == 401 || status == 404) {
      return new PullException(
          "%s has no model %s%s%s"
              .formatted(
                  host,
                  ref.id(),
                  auth == null ? " that is open to everyone (set HF_TOKEN for a private one)" : "",
                  didYouMean(ref)));
    }
    return new PullException(
        "%s refused %s with status %d; check the reference and HF_ENDPOINT"
            .formatted(host, ref, status));
  }

  private String didYouMean(ModelRef.Hub ref) {
    try {
      URI uri = address("/api/models?limit=3&search=" + encoded(ref.name()));
      byte[] json =
          downloads.transport.document(
              uri,
              auth,
              "application/json",
              1 << 20,
              reply -> new PullException("status " + reply.status()));
      List<String> ids = new ArrayList<>();
      for (JsonNode model : ModelManifest.JSON.readTree(json)) {
        String id = model.path("id").asText("");
        if (ModelRef.Grammar.HUB_ID.matcher(id).matches() && ids.size() < 3) {
          ids.add("hf:" + id);
        }
      }
      return ids.isEmpty()
          ? "; check the spelling"
          : "; did you mean " + String.join(" or ", ids) + "?";
    } catch (PullException | IOException e) {
      return "; check the spelling"; // only a suggestion was lost
    }
  }

  private URI page(ModelRef.Hub ref) {
    return address("/" + ref.id());
  }

  private URI address(String path) {
    return URI.create(endpoint.toString().replaceAll("/+$", "") + path);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String encodedPath(String name) {
    return Arrays.stream(name.split("/")).map(HubSource::encoded).collect(Collectors.joining("/"));
  }
}
