package io.otium.lm.text.jinja;

import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A parsed template; safe for use by many threads. */
public final class Template {
  /** Characters; the largest real chat templates have some 20,000. */
  private static final int MAX_SOURCE = 1 << 20;

  private final List<Node.Stmt> statements;

  private Template(List<Node.Stmt> statements) {
    this.statements = statements;
  }

  /**
   * @throws TemplateException if the source is not a template, with its line
   */
  public static Template parse(String source) {
    if (source.length() > MAX_SOURCE) {
      throw new TemplateException(
          "the chat template has "
              + source.length()
              + " characters; at most "
              + MAX_SOURCE
              + " are allowed");
    }
    try {
      return new Template(Parser.parse(source));
    } catch (StackOverflowError e) {
      throw new TemplateException("the chat template nests too deeply");
    }
  }

  /**
   * The template's text for these values.
   *
   * @param values null, booleans, numbers, texts, maps and lists of such; all else by its toString
   * @throws TemplateException if the template refuses the values, fails, or takes too much time,
   *     depth or memory
   */
  public String render(Map<String, ? extends @Nullable Object> values) {
    return render(values, LocalDateTime.now());
  }

  /** The same as if it were {@code now}, for templates that print the date. */
  public String render(Map<String, ? extends @Nullable Object> values, LocalDateTime now) {
    var scope = new Scope(null);
    scope.set("strftime_now", Functions.strftime(now));
    values.forEach((name, value) -> scope.set(name, Values.of(value, 0)));
    try {
      return new Interpreter(new Budget()).run(statements, new Scope(scope));
    } catch (StackOverflowError e) {
      throw new TemplateException("the chat template nests too deeply");
    }
  }
}
