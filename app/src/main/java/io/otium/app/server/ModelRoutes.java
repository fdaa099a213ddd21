package io.otium.app.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.otium.app.server.embedding.EmbeddingModel;
import io.otium.lm.ModelInfo;

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
  }

  private void list(Context ctx) {
    ObjectNode list = JsonNodeFactory.instance.objectNode().put("object", "list");
    ArrayNode data = list.putArray("data");
    for (ModelInfo model : models.infos()) data.add(describe(model));
    for (EmbeddingModel encoder : models.encoders()) data.add(describe(encoder));
    Json.answer(ctx, list);
  }

  private void show(Context ctx) {
    String id = ctx.pathParam("id");
    EmbeddingModel encoder = models.findEncoder(id);
    Json.answer(ctx, encoder != null ? describe(encoder) : describe(info(id)));
  }

  private ModelInfo info(String id) {
    ModelInfo expected = models.expected();
    return expected != null && expected.id().equals(id) ? expected : models.get(id).info();
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
