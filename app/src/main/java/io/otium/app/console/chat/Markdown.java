package io.otium.app.console.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.strikethrough.StrikethroughExtension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Image;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.NodeRenderer;
import org.commonmark.renderer.html.DefaultUrlSanitizer;
import org.commonmark.renderer.html.HtmlNodeRendererContext;
import org.commonmark.renderer.html.HtmlRenderer;

/**
 * A model's Markdown as HTML that cannot run anything or fetch anything: HTML in it is shown as
 * text, links lead only to http, https and mailto, and images become links to them. One string a
 * top-level block, so that a growing answer changes only its last blocks.
 */
public final class Markdown {
  private static final List<Extension> EXTENSIONS =
      List.of(TablesExtension.create(), StrikethroughExtension.create());

  private static final Parser PARSER =
      Parser.builder().extensions(EXTENSIONS).maxOpenBlockParsers(32).build();

  private static final HtmlRenderer RENDERER =
      HtmlRenderer.builder()
          .extensions(EXTENSIONS)
          .escapeHtml(true)
          .sanitizeUrls(true)
          .urlSanitizer(new DefaultUrlSanitizer(List.of("http", "https", "mailto")))
          .softbreak("<br>\n") // a line of a poem stays a line
          .attributeProviderFactory(
              context ->
                  (node, tag, attributes) -> {
                    if (node instanceof Link) {
                      leavingTheConsole(attributes);
                    }
                  })
          .nodeRendererFactory(Images::new)
          .nodeRendererFactory(Code::new)
          .build();

  private Markdown() {}

  /** HTML of the top-level blocks in order, each within one {@code div}. */
  public static List<String> blocks(String markdown) {
    try {
      List<String> blocks = new ArrayList<>();
      Node block = PARSER.parse(markdown).getFirstChild();
      while (block != null) {
        String html = RENDERER.render(block).strip();
        if (!html.isEmpty()) {
          blocks.add("<div class=\"block\">" + html + "</div>");
        }
        block = block.getNext();
      }
      return blocks;
    } catch (StackOverflowError e) { // thousands of nested marks: no text that anyone wrote
      return List.of("<div class=\"block\"><pre>" + escape(markdown) + "</pre></div>");
    }
  }

  /** HTML of the whole text. */
  public static String html(String markdown) {
    return String.join("\n", blocks(markdown));
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  private static void leavingTheConsole(Map<String, String> attributes) {
    attributes.put("rel", "noopener noreferrer nofollow");
    attributes.put("target", "_blank");
  }

  /** An image would be fetched from its host, and tell it that this answer was read. */
  private record Images(HtmlNodeRendererContext context) implements NodeRenderer {
    @Override
    public Set<Class<? extends Node>> getNodeTypes() {
      return Set.of(Image.class);
    }

    @Override
    public void render(Node node) {
      Image image = (Image) node;
      Map<String, String> attributes = new LinkedHashMap<>();
      String url = context.urlSanitizer().sanitizeLinkUrl(image.getDestination());
      attributes.put("href", context.encodeUrl(url));
      leavingTheConsole(attributes);
      var html = context.getWriter();
      html.tag("a", attributes);
      html.text("image: ");
      Node child = image.getFirstChild();
      if (child == null) {
        html.text(image.getDestination());
      }
      while (child != null) {
        context.render(child);
        child = child.getNext();
      }
      html.tag("/a");
    }
  }

  /** Code with its language and a button that copies it. */
  private record Code(HtmlNodeRendererContext context) implements NodeRenderer {
    @Override
    public Set<Class<? extends Node>> getNodeTypes() {
      return Set.of(FencedCodeBlock.class, IndentedCodeBlock.class);
    }

    @Override
    public void render(Node node) {
      String language = "";
      String code;
      if (node instanceof FencedCodeBlock fenced) {
        String info = fenced.getInfo() == null ? "" : fenced.getInfo().strip();
        language = info.split("\\s", 2)[0];
        code = fenced.getLiteral();
      } else {
        code = ((IndentedCodeBlock) node).getLiteral();
      }
      var html = context.getWriter();
      html.tag("div", Map.of("class", "code"));
      html.tag("div", Map.of("class", "code-bar"));
      html.tag("span");
      html.text(language.isEmpty() ? "text" : language);
      html.tag("/span");
      html.tag("button", Map.of("type", "button", "class", "quiet", "data-copy", "code"));
      html.text("Copy");
      html.tag("/button");
      html.tag("/div");
      html.tag("pre", Map.of("tabindex", "0"));
      html.tag("code");
      html.text(code);
      html.tag("/code");
      html.tag("/pre");
      html.tag("/div");
    }
  }
}
