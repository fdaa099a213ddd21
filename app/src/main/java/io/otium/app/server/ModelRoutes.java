package io.otium.app.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.otium.app.server.ModelNames.Named;
import io.otium.app.server.embedding.EmbeddingModel;
import io.otium.lm.ModelInfo;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code /v1/models}: what is served here, the default chat model first. */
final class ModelRoutes {
  private final ModelPool models;

  ModelRoutes(ModelPool models) {
    this.models = models;
  }

  void register(RoutesConfig routes) {
    routes.get("/v1/models", this::list);
    // Names such as "org/name" come with their slash.
    routes.get("/v1/models/<id>", this::show);
    routes.delete("/v1/models/<id>", this::delete);
  }

  private void list(Context ctx) {
    ObjectNode list = JsonNodeFactory.instance.objectNode().put("object", "list");
    ArrayNode data = list.putArray("data");
    List<Named> named = models.names().all();
    Set<String> shown = named.stream().map(Named::reference).collect(Collectors.toSet());
    String first = models.infos().isEmpty() ? "" : models.infos().getFirst().id();
    for (ModelInfo model : models.infos()) {
      // What has a name of its own is listed by that.
      if (model.id().equals(first) || !shown.contains(model.id())) data.add(describe(model));
    }
    for (Named model : named) data.add(describe(model));
    for (EmbeddingModel encoder : models.encoders()) data.add(describe(encoder));
    Json.answer(ctx, list);
  }

  private void show(Context ctx) {
    String id = ctx.pathParam("id");
    EmbeddingModel encoder = models.findEncoder(id);
    if (encoder != null) {
      Json.answer(ctx, describe(encoder));
      return;
    }
    for (Named model : models.names().all()) {
      if (model.name().equals(id)) {
        Json.answer(ctx, describe(model));
        return;
      }
    }
    Json.answer(ctx, describe(info(id)));
  }

  private void delete(Context ctx) {
    String id = ctx.pathParam("id");
    if (models.names().reference(id).isEmpty()) {
      throw ApiException.invalid(
          "model",
          "'%s' is no fine-tuned model; only those can be deleted here".formatted(Quote.of(id)));
    }
    models.unload(id);
    models.names().delete(id);
    Json.answer(
        ctx,
        JsonNodeFactory.instance
            .objectNode()
            .put("id", id)
            .put("object", "model")
            .put("deleted", true));
  }

  private ModelInfo info(String id) {
    ModelInfo expected = models.expected();
    return expected != null && expected.id().equals(id) ? expected : models.get(id).info();
  }

  private static ObjectNode describe(Named model) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", model.name())
        .put("object", "model")
        .put("created", model.created())
        .put("owned_by", "otium")
        .put("parent", model.base())
        .put("run", model.reference());
  }

  private static ObjectNode describe(EmbeddingModel encoder) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", encoder.id())
        .put("object", "model")
        .put("created", 0)
        .put("owned_by", "otium")
        .put("architecture", "bert")
        .put("context_length", encoder.context());
  }

  private static ObjectNode describe(ModelInfo info) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", info.id())
        .put("object", "model")
        .put("created", info.created())
        .put("owned_by", "otium")
        .put("architecture", info.architecture())
        .put("parameters", info.parameters())
        .put("weights", info.weights())
        .put("context_length", info.context());
  }
}
