package io.otium.app.console;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.javalin.http.Context;
import io.otium.app.console.chat.Conversations;
import java.time.Clock;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Renders the templates, which were compiled with the program. */
final class Views {
  private final TemplateEngine engine =
      TemplateEngine.createPrecompiled(
          null, ContentType.Html, Views.class.getClassLoader(), "io.otium.app.console.jte");
  private final String assets;
  private final Conversations conversations;
  private final Clock clock;

  Views(String assets, Conversations conversations, Clock clock) {
    this.assets = assets;
    this.conversations = conversations;
    this.clock = clock;
  }

  /** The frame of a page. */
  Shell shell(String title, Shell.Section section, String current) {
    return new Shell(title, section, assets, groups(""), current);
  }

  /** Conversations that hold the words, by age; all for none. */
  List<Shell.Group> groups(String words) {
    var found = words.isBlank() ? conversations.latest() : conversations.search(words);
    return Shell.byAge(found, LocalDate.now(clock), clock.getZone());
  }

  /** Answers with a template. */
  void show(Context request, String template, Map<String, Object> parameters) {
    request.header("Cache-Control", "no-store");
    request.html(render(template, parameters));
  }

  String render(String template, Map<String, Object> parameters) {
    StringOutput output = new StringOutput();
    engine.render(template + ".jte", new HashMap<>(parameters), output);
    return output.toString();
  }
}
