package io.otium.lm.text.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JinjaTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  static List<JsonNode> language() throws IOException {
    try (InputStream in = JinjaTest.class.getResourceAsStream("/templates/language.json")) {
      JsonNode cases = MAPPER.readTree(Objects.requireNonNull(in));
      return IntStream.range(0, cases.size()).mapToObj(cases::get).toList();
    }
  }

  private static Map<String, Object> values() {
    var out = new HashMap<String, Object>();
    out.put("n", 7);
    out.put("f", 2.5);
    out.put("s", "Hello, Wörld 🦥!");
    out.put("l", List.of(3, 1, 2));
    out.put("d", Map.of("a", 1));
    out.put(
        "ms",
        List.of(
            Map.of("role", "user", "content", "b"),
            Map.of("role", "assistant", "content", "A"),
            Map.of("role", "user", "content", "c")));
    return out;
  }

  @ParameterizedTest
  @MethodSource("language")
  void meansWhatPythonsJinjaMeans(JsonNode c) {
    String source = c.path("template").asText();
    if (c.has("expected")) {
      assertThat(Template.parse(source).render(values())).isEqualTo(c.path("expected").asText());
    } else {
      assertThatThrownBy(() -> Template.parse(source).render(values()))
          .isInstanceOf(TemplateException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for i in range(10**9) %}x{% endfor %}",
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{% for i in range(99999) %}{% for j in range(99999) %}xxxxxxxxxxxxxxxx{% endfor %}{%"
            + " endfor %}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f(x) %}{{ f([x, x]) }}{% endmacro %}{{ f(1) }}",
        "{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{%"
            + " endfor %}",
        "{% set ns = namespace(s=['x']) %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{%"
            + " endfor %}",
        "{% set ns = namespace(s=['x']) %}{% for i in range(99) %}{% set ns.s = [ns.s, ns.s] %}{%"
            + " endfor %}{{ ns.s }}",
        "{% set ns = namespace(s=['x']) %}{% for i in range(99) %}{% set ns.s = [ns.s, ns.s] %}{%"
            + " endfor %}{{ ns.s | tojson }}",
        "{% set ns = namespace(s=['x'], t=['x']) %}{% for i in range(99) %}{% set ns.s = [ns.s,"
            + " ns.s] %}{% set ns.t = [ns.t, ns.t] %}{% endfor %}{{ ns.s == ns.t }}",
        "{% set ns = namespace(s=[]) %}{% for i in range(99999) %}{% set ns.s = [ns.s] %}{% endfor"
            + " %}{{ ns.s }}",
        "{% set ns = namespace() %}{% set ns.a = ns %}{{ ns }}",
        "{{ 'a' * 10**12 }}",
        "{{ [0] * 10**12 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ 9223372036854775807 + 1 }}",
        "{{ 'a'.center(10**12) }}",
        "{{ '%99999999d' % 1 }}",
        "{{ ('a' * 9999999).replace('a', 'aaaa') }}",
        "{{ ('a' * 9999999) | replace('', 'aaaa') }}",
        "{{ (('a' * 999999) | list) | join('xxxxxxxxxxxxxxxxxxxxxxxxxx') }}",
        "{{ [1,2,3] | tojson(indent=10**9) }}{% for i in range(99999) %}{{ ('a' * 999999) | upper |"
            + " length }}{% endfor %}",
        "{% for x in l recursive %}{{ loop(l) }}{% endfor %}"
      })
  void aTemplateThatWouldNotEndIsStopped(String source) {
    assertThatThrownBy(() -> Template.parse(source).render(values()))
        .isInstanceOf(TemplateException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ ''.getClass() }}",
        "{{ s.class }}{{ s.class.forName }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ l.append(1) }}",
        "{{ d.update({}) }}",
        "{% include '/etc/passwd' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{{ open('/etc/passwd') }}"
      })
  void nothingBeyondItsValuesIsInATemplatesReach(String source) {
    assertThatThrownBy(() -> Template.parse(source).render(values()))
        .isInstanceOf(TemplateException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"(", "[", "{'a':", "not ", "-", "[x for ", "x.a", "x|f", "x if y else "})
  void deepNestingInTheSourceIsRefused(String piece) {
    String source =
        "{{ "
            + (piece.startsWith("x")
                ? "x" + piece.substring(1).repeat(100_000)
                : piece.repeat(100_000));
    assertThatThrownBy(() -> Template.parse(source)).isInstanceOf(TemplateException.class);
    assertThatThrownBy(() -> Template.parse("{% if x %}".repeat(10_000)))
        .isInstanceOf(TemplateException.class);
  }

  @Test
  void anErrorNamesTheLine() {
    assertThatThrownBy(() -> Template.parse("a\nb\n{{ x y }}"))
        .hasMessage("the chat template's line 3 has 'y' where a variable end is due");
    assertThatThrownBy(() -> Template.parse("a\n{% frob %}")).hasMessageContaining("line 2");
  }

  @Test
  void manyMessagesStayWithinTheBudget() {
    List<Map<String, String>> messages =
        IntStream.range(0, 20_000)
            .mapToObj(
                i -> Map.of("role", i % 2 == 0 ? "user" : "assistant", "content", "text " + i))
            .toList();
    String text =
        Template.parse(
                "{% for m in messages %}{{ '<' + m['role'] + '>' + m['content'] | trim }}{% endfor"
                    + " %}")
            .render(Map.of("messages", messages));
    assertThat(text).endsWith("<assistant>text 19999");
  }
}
