package io.otium.app.server.tuning;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.otium.app.server.ApiException;
import io.otium.app.server.Json;
import io.otium.app.server.Quote;
import io.otium.app.training.FileStore;
import io.otium.app.training.Jobs;
import io.otium.app.training.StoredFile;
import io.otium.core.data.DataException;
import jakarta.servlet.MultipartConfigElement;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code /v1/files}: data to train on. What arrives goes to the disk, and is checked there. */
final class FileRoutes {
  private static final Set<String> FIELDS = Set.of("file", "purpose");
  private static final int LONGEST_FIELD = 1000;

  /** Room for a form's other fields and borders beside its file. */
  private static final long AROUND_A_FILE = 1 << 20;

  /** Parts that are larger go to the disk as they arrive. */
  private static final int IN_MEMORY = 64 << 10;

  /** Where Jetty looks for what a form may hold. */
  private static final String MULTIPART = "org.eclipse.jetty.multipartConfig";

  private final Jobs jobs;
  private final FileStore files;
  private final long most;
  private final MultipartConfigElement form;

  FileRoutes(Jobs jobs, long most) throws IOException {
    this.jobs = jobs;
    this.files = jobs.files();
    this.most = most;
    // On the store's own disk, so that what has arrived need not be copied.
    String folder = files.incoming().toString();
    this.form = new MultipartConfigElement(folder, most, most + AROUND_A_FILE, IN_MEMORY);
  }

  void register(RoutesConfig routes) {
    routes.post("/v1/files", this::upload);
    routes.get("/v1/files", this::list);
    routes.get("/v1/files/{id}", ctx -> Json.answer(ctx, describe(file(ctx))));
    routes.get("/v1/files/{id}/content", this::content);
    routes.delete("/v1/files/{id}", this::delete);
  }

  private void upload(Context ctx) throws IOException {
    String type = ctx.header("Content-Type");
    if (type == null || !type.startsWith("multipart/form-data")) {
      throw ApiException.invalid(
          null, "a file is uploaded as multipart/form-data, with the fields purpose and file");
    }
    if (ctx.req().getContentLengthLong() > most + AROUND_A_FILE) throw tooLarge();
    List<Part> parts = parts(ctx);
    try {
      Json.answer(ctx, describe(keep(parts)));
    } finally {
      for (Part part : parts) part.delete();
    }
  }

  private List<Part> parts(Context ctx) throws IOException {
    ctx.req().setAttribute(MULTIPART, form);
    try {
      return new ArrayList<>(ctx.req().getParts());
    } catch (ServletException | IllegalStateException | IOException broken) {
      if (isTooLarge(broken)) throw tooLarge();
      throw ApiException.invalid(null, "the request body is not valid multipart/form-data");
    }
  }

  /** Jetty says it in words alone. */
  private static boolean isTooLarge(@Nullable Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      String said = String.valueOf(at.getMessage());
      if (said.contains("max length") || said.contains("max size") || said.contains("exceed")) {
        return true;
      }
    }
    return false;
  }

  private StoredFile keep(List<Part> parts) throws IOException {
    Part file = null;
    String purpose = null;
    for (Part part : parts) {
      String name = part.getName();
      if (!FIELDS.contains(name)) {
        throw new ApiException(
            400,
            "invalid_request_error",
            Quote.of(name),
            "unknown_parameter",
            Quote.of(name) + " is not a field of an upload (known: file, purpose)");
      }
      if (name.equals("file")) file = part;
      if (name.equals("purpose")) purpose = text(part);
    }
    if (purpose == null) throw ApiException.invalid("purpose", "purpose is missing");
    if (!purpose.equals(FileStore.FINE_TUNE)) {
      throw ApiException.unsupported(
          "purpose",
          "purpose must be fine-tune, not '%s': files serve nothing else here"
              .formatted(Quote.of(purpose)));
    }
    if (file == null) throw ApiException.invalid("file", "file is missing");
    String name = file.getSubmittedFileName();
    if (name == null || name.isBlank()) {
      throw ApiException.invalid("file", "file has no name; its ending says what kind it is");
    }
    if (file.getSize() > most) throw tooLarge();
    Part whole = file;
    try {
      return files.add(name, purpose, path -> whole.write(path.toAbsolutePath().toString()));
    } catch (DataException broken) {
      throw new ApiException(
          400,
          "invalid_request_error",
          "file",
          "invalid_file_format",
          String.valueOf(broken.getMessage()));
    }
  }

  private static String text(Part part) throws IOException {
    try (InputStream in = part.getInputStream()) {
      return new String(in.readNBytes(LONGEST_FIELD), StandardCharsets.UTF_8);
    }
  }

  private ApiException tooLarge() {
    return new ApiException(
        413,
        "invalid_request_error",
        "file",
        "request_too_large",
        "the file is larger than the %,d bytes that this server takes (--max-file-bytes)"
            .formatted(most));
  }

  private void list(Context ctx) {
    String purpose = ctx.queryParam("purpose");
    List<StoredFile> found =
        new ArrayList<>(
            files.list().stream()
                .filter(file -> purpose == null || file.purpose().equals(purpose))
                .toList());
    String order = ctx.queryParam("order");
    if (order != null && !order.equals("desc")) {
      if (!order.equals("asc")) throw ApiException.invalid("order", "order must be asc or desc");
      Collections.reverse(found);
    }
    Json.answer(
        ctx, Page.of(ctx, 10_000, 10_000).list(found, StoredFile::id, FileRoutes::describe));
  }

  private void content(Context ctx) throws IOException {
    StoredFile file = file(ctx);
    ctx.contentType("application/octet-stream");
    ctx.header("Content-Length", Long.toString(file.bytes()));
    ctx.result(Files.newInputStream(file.path()));
  }

  private void delete(Context ctx) {
    StoredFile file = file(ctx);
    jobs.using(file.id())
        .ifPresent(
            run -> {
              throw ApiException.invalid(
                  "file_id",
                  "the job %s still needs this file; cancel it first".formatted(Jobs.id(run)));
            });
    files.delete(file.id());
    Json.answer(
        ctx,
        JsonNodeFactory.instance
            .objectNode()
            .put("id", file.id())
            .put("object", "file")
            .put("deleted", true));
  }

  private StoredFile file(Context ctx) {
    String id = ctx.pathParam("id");
    return files
        .find(id)
        .orElseThrow(
            () ->
                new ApiException(
                    404,
                    "invalid_request_error",
                    "file_id",
                    "file_not_found",
                    "there is no file '" + Quote.of(id) + "'; /v1/files lists those there are"));
  }

  private static ObjectNode describe(StoredFile file) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", file.id())
        .put("object", "file")
        .put("bytes", file.bytes())
        .put("created_at", file.created().getEpochSecond())
        .put("filename", file.name())
        .put("purpose", file.purpose())
        .put("status", "processed");
  }
}
