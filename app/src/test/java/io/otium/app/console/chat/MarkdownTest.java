package io.otium.app.console.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

final class MarkdownTest {
  /** Every tag that may come out, with the attributes it may have. */
  private static final Pattern TAG =
      Pattern.compile(
          "</?(p|em|strong|del|code|pre|ul|li|blockquote|h[1-6]|table|thead|tbody|tr|span)>"
              + "|<(br|hr)( /)?>|</?ol( start=\"\\d+\")?>|</?a>"
              + "|<t[hd]( align=\"(left|right|center)\")?>|</t[hd]>"
              + "|<div class=\"(block|code|code-bar)\">|</div>|<pre tabindex=\"0\">|</button>"
              + "|<button( (type=\"button\"|class=\"quiet\"|data-copy=\"code\")){3}>"
              + "|<a( (href=\"[^\"<>]*\"|title=\"[^\"<>]*\"|rel=\"noopener noreferrer nofollow\""
              + "|target=\"_blank\"))+>");

  private static void assertSafe(String markdown) {
    String html = Markdown.html(markdown);
    Matcher tag = Pattern.compile("<[^>]*>?").matcher(html);
    while (tag.find()) {
      assertThat(TAG.matcher(tag.group()).matches()).as(tag.group()).isTrue();
    }
    Matcher link = Pattern.compile("href=\"([^\"]*)\"").matcher(html);
    while (link.find()) {
      // A scheme, if there is one, stands before the first of these.
      String before = link.group(1).split("[/?#]", 2)[0];
      assertThat(before).matches("(?is)https?:|mailto:.*|[^:]*");
    }
  }

  @Property(seed = "68")
  void anyTextBecomesOnlyItsOwnTags(@ForAll @StringLength(max = 200) String text) {
    assertSafe(text);
  }

  @Property(seed = "68")
  void anyMixtureOfMarksBecomesOnlyItsOwnTags(
      @ForAll List<@net.jqwik.api.From("mark") String> marks) {
    assertSafe(String.join("", marks));
  }

  @net.jqwik.api.Provide
  net.jqwik.api.Arbitrary<String> mark() {
    return net.jqwik.api.Arbitraries.of(
        "<script>",
        "</script>",
        "<img src=x onerror=a>",
        "\n\n",
        "\n",
        "```",
        "`",
        "*",
        "**",
        "_",
        "~~",
        "[",
        "](javascript:a)",
        "](http://a \"t\" onclick=x)",
        "![",
        "](data:text/html,x)",
        "<javascript:a>",
        "<http://a\" onclick=\"b>",
        "| a | b |\n| - | -: |\n",
        "> ",
        "- ",
        "1. ",
        "# ",
        "&#106;avascript:",
        "&quot;",
        "\"",
        "'",
        "<",
        ">",
        "&",
        "\\",
        "    ",
        "\t",
        "a",
        " ",
        "[r]: javascript:x \"y\"\n",
        "[r]",
        "java\u0000script:",
        "\u202e");
  }

  @Test
  void markupOfAModelIsText() {
    assertThat(Markdown.html("<script>alert(1)</script>"))
        .contains("&lt;script&gt;")
        .doesNotContain("<script");
  }

  @Test
  void anImageBecomesALinkToIt() {
    assertThat(Markdown.html("![a cat](https://example.org/cat.png)"))
        .contains("<a href=\"https://example.org/cat.png\"")
        .contains("image: a cat")
        .doesNotContain("<img");
  }

  @Test
  void aCodeBlockIsThereBeforeItsEnd() {
    assertThat(Markdown.blocks("Before\n\n```java\nint a"))
        .hasSize(2)
        .last()
        .asString()
        .contains("<span>java</span>")
        .contains("int a");
  }

  @Test
  void moreTextChangesOnlyTheLastBlocks() {
    List<String> before = Markdown.blocks("One\n\nTwo\n\nThr");
    List<String> after = Markdown.blocks("One\n\nTwo\n\nThree\n\n- four");
    assertThat(after.subList(0, 2)).isEqualTo(before.subList(0, 2));
  }

  @Test
  void thousandsOfNestedMarksEndInText() {
    for (String mark : List.of("[", "*a **b ", "> ", "![", "((", "- ", "<", "`", "_a__b")) {
      assertSafe(mark.repeat(10_000));
    }
  }
}
