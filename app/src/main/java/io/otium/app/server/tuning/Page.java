package io.otium.app.server.tuning;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.otium.app.server.ApiException;
import io.otium.app.server.Quote;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list, as OpenAI's API pages through it: what follows the object {@code after}.
 *
 * @param after id of the last object of the page before; null for the first page
 */
record Page(@Nullable String after, int limit) {
  /**
   * The page that a request asks for.
   *
   * @throws ApiException 400 for a limit that is not from 1 to {@code most}
   */
  static Page of(Context ctx, int usual, int most) {
    String limit = ctx.queryParam("limit");
    if (limit == null) return new Page(ctx.queryParam("after"), usual);
    if (!limit.matches("[0-9]{1,6}")
        || Integer.parseInt(limit) < 1
        || Integer.parseInt(limit) > most) {
      throw ApiException.invalid(
          "limit",
          "limit must be a whole number from 1 to %d, not '%s'".formatted(most, Quote.of(limit)));
    }
    return new Page(ctx.queryParam("after"), Integer.parseInt(limit));
  }

  /**
   * The page of a list.
   *
   * @throws ApiException 400 if {@code after} is not in it
   */
  <T> ObjectNode list(List<T> all, Function<T, String> id, Function<T, ObjectNode> describe) {
    int from = 0;
    if (after != null) {
      while (from < all.size() && !id.apply(all.get(from)).equals(after)) from++;
      if (from == all.size()) {
        throw ApiException.invalid(
            "after", "after is '%s', which is not in this list".formatted(Quote.of(after)));
      }
      from++;
    }
    List<T> part = all.subList(from, Math.min(all.size(), from + limit));
    ObjectNode page = JsonNodeFactory.instance.objectNode().put("object", "list");
    ArrayNode data = page.putArray("data");
    part.forEach(item -> data.add(describe.apply(item)));
    page.put("first_id", part.isEmpty() ? null : id.apply(part.getFirst()));
    page.put("last_id", part.isEmpty() ? null : id.apply(part.getLast()));
    return page.put("has_more", from + part.size() < all.size());
  }
}
