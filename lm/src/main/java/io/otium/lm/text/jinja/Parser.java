package io.otium.lm.text.jinja;

import io.otium.lm.text.jinja.Node.Stmt;
import io.otium.lm.text.jinja.Node.Target;
import io.otium.lm.text.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Statements of a template; what stands inside a tag is read by {@link ExpressionParser}. */
final class Parser {
  private final Tokens tokens;
  private final ExpressionParser expressions;

  private Parser(Tokens tokens) {
    this.tokens = tokens;
    this.expressions = new ExpressionParser(tokens);
  }

  static List<Stmt> parse(String template) {
    var parser = new Parser(new Tokens(Lexer.tokens(template)));
    return parser.statements();
  }

  /** Statements up to the file's end or a tag in {@code ends}, whose name is not consumed. */
  private List<Stmt> statements(String... ends) {
    tokens.enter();
    var out = new ArrayList<Stmt>();
    while (true) {
      Token t = tokens.next();
      switch (t.kind()) {
        case DATA -> out.add(new Node.Text(t.text()));
        case VARIABLE_BEGIN -> {
          out.add(new Node.Output(expressions.tupleOrExpression(), t.line()));
          tokens.expect(Kind.VARIABLE_END);
        }
        case BLOCK_BEGIN -> {
          for (String end : ends) {
            if (tokens.peek().isName(end)) {
              tokens.leave();
              return out;
            }
          }
          out.add(statement(tokens.expect(Kind.NAME)));
        }
        case EOF -> {
          if (ends.length > 0) {
            throw tokens.error("ends where '" + String.join("' or '", ends) + "' is due");
          }
          tokens.leave();
          return out;
        }
        default -> throw tokens.error("has '" + t.text() + "' where it means nothing");
      }
    }
  }

  private Stmt statement(Token tag) {
    return switch (tag.text()) {
      case "if" -> ifBlock(tag.line());
      case "for" -> forLoop(tag.line());
      case "set" -> set(tag.line());
      case "macro" -> macro();
      case "call" -> callBlock(tag.line());
      case "filter" -> filterBlock(tag.line());
      case "with" -> with();
      case "generation" -> new Node.Scope(body("endgeneration"));
      case "break" -> end(new Node.Break());
      case "continue" -> end(new Node.Continue());
      case "include", "import", "from", "extends", "block" ->
          throw tokens.error(
              "uses '" + tag.text() + "', but a chat template may not read other templates");
      default -> throw tokens.error("has the unknown tag '" + tag.text() + "'");
    };
  }

  private <T> T end(T node) {
    tokens.expect(Kind.BLOCK_END);
    return node;
  }

  /** The rest of a tag's end, then statements, then the end tag. */
  private List<Stmt> body(String end) {
    tokens.expect(Kind.BLOCK_END);
    List<Stmt> out = statements(end);
    tokens.next();
    if (end.equals("endmacro") && tokens.peek().kind() == Kind.NAME) {
      tokens.next();
    }
    return end(out);
  }

  private Stmt ifBlock(int line) {
    Node.Expr test = expressions.expression();
    tokens.expect(Kind.BLOCK_END);
    List<Stmt> yes = statements("elif", "else", "endif");
    Token tag = tokens.next();
    List<Stmt> no =
        switch (tag.text()) {
          case "elif" -> {
            tokens.enter();
            List<Stmt> nested = List.of(ifBlock(tag.line()));
            tokens.leave();
            yield nested;
          }
          case "else" -> body("endif");
          default -> end(List.<Stmt>of());
        };
    return new Node.If(test, yes, no, line);
  }

  private Stmt forLoop(int line) {
    Target target = target();
    if (!tokens.skipName("in")) {
      throw tokens.error("has a loop without 'in'");
    }
    Node.Expr items = expressions.tupleWithoutCondition();
    Node.Expr test = tokens.skipName("if") ? expressions.expression() : null;
    boolean recursive = tokens.skipName("recursive");
    tokens.expect(Kind.BLOCK_END);
    List<Stmt> body = statements("else", "endfor");
    List<Stmt> otherwise =
        tokens.next().text().equals("else") ? body("endfor") : end(List.<Stmt>of());
    return new Node.For(target, items, test, recursive, body, otherwise, line);
  }

  private Target target() {
    var targets = new ArrayList<Target>();
    boolean several = false;
    do {
      if (tokens.peek().isName("in") || tokens.peek().isOperator("=")) {
        break;
      }
      if (tokens.skipOperator("(")) {
        tokens.enter();
        targets.add(target());
        tokens.leave();
        tokens.expectOperator(")");
      } else {
        targets.add(variable());
      }
      several |= tokens.peek().isOperator(",");
    } while (tokens.skipOperator(","));
    if (targets.isEmpty()) {
      throw tokens.error("has an assignment without a name");
    }
    return several ? new Target.Several(targets) : targets.getFirst();
  }

  private Target variable() {
    String name = tokens.expect(Kind.NAME).text();
    if (tokens.skipOperator(".")) {
      return new Target.Field(name, tokens.expect(Kind.NAME).text());
    }
    return new Target.Variable(name);
  }

  private Stmt set(int line) {
    Target target = target();
    if (tokens.skipOperator("=")) {
      return end(new Node.Set(target, expressions.tupleOrExpression(), line));
    }
    List<Node.Filter> filters = tokens.skipOperator("|") ? expressions.filters() : List.of();
    return new Node.SetBlock(target, filters, body("endset"), line);
  }

  private Node.Macro macro() {
    String name = tokens.expect(Kind.NAME).text();
    return signature(name, true, "endmacro");
  }

  private Node.Macro signature(String name, boolean required, String end) {
    var parameters = new ArrayList<String>();
    var defaults = new ArrayList<Node.Expr>();
    if (required || tokens.peek().isOperator("(")) {
      tokens.expectOperator("(");
      while (!tokens.skipOperator(")")) {
        if (!parameters.isEmpty()) {
          tokens.expectOperator(",");
          if (tokens.skipOperator(")")) {
            break;
          }
        }
        parameters.add(tokens.expect(Kind.NAME).text());
        if (tokens.skipOperator("=")) {
          defaults.add(expressions.expression());
        } else if (!defaults.isEmpty()) {
          throw tokens.error("has a macro parameter without a default after one that has one");
        }
      }
    }
    return new Node.Macro(name, parameters, defaults, end.isEmpty() ? List.of() : body(end));
  }

  private Stmt callBlock(int line) {
    Node.Macro head = signature("caller", false, "");
    if (!(expressions.expression() instanceof Node.Call call)) {
      throw tokens.error("has a call block that calls nothing");
    }
    var caller = new Node.Macro("caller", head.parameters(), head.defaults(), body("endcall"));
    return new Node.CallBlock(caller, call, line);
  }

  private Stmt filterBlock(int line) {
    List<Node.Filter> filters = expressions.filters();
    return new Node.FilterBlock(filters, body("endfilter"), line);
  }

  private Stmt with() {
    var targets = new ArrayList<Target>();
    var values = new ArrayList<Node.Expr>();
    while (tokens.peek().kind() != Kind.BLOCK_END) {
      if (!targets.isEmpty()) {
        tokens.expectOperator(",");
      }
      targets.add(target());
      tokens.expectOperator("=");
      values.add(expressions.expression());
    }
    return new Node.With(targets, values, body("endwith"));
  }

  /** The tokens and where the parser stands in them. */
  static final class Tokens {
    /** Deeper nesting than any real template has, and shallow enough for any thread's stack. */
    private static final int MAX_DEPTH = 150;

    private final List<Token> tokens;
    private int at;
    private int depth;

    Tokens(List<Token> tokens) {
      this.tokens = tokens;
    }

    Token peek() {
      return tokens.get(at);
    }

    @Nullable Token peek(int ahead) {
      return at + ahead < tokens.size() ? tokens.get(at + ahead) : null;
    }

    Token next() {
      Token t = tokens.get(at);
      if (t.kind() != Kind.EOF) {
        at++;
      }
      return t;
    }

    Token expect(Kind kind) {
      if (peek().kind() != kind) {
        String due = kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
        throw error("has " + shown(peek()) + " where a " + due + " is due");
      }
      return next();
    }

    void expectOperator(String text) {
      if (!skipOperator(text)) {
        throw error("has " + shown(peek()) + " where '" + text + "' is due");
      }
    }

    boolean skipOperator(String text) {
      boolean is = peek().isOperator(text);
      at += is ? 1 : 0;
      return is;
    }

    boolean skipName(String text) {
      boolean is = peek().isName(text);
      at += is ? 1 : 0;
      return is;
    }

    void enter() {
      if (++depth > MAX_DEPTH) {
        throw error("nests more than " + MAX_DEPTH + " deep");
      }
    }

    void leave() {
      depth--;
    }

    static String shown(Token t) {
      return t.text().isEmpty()
          ? "the " + t.kind().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ')
          : "'" + (t.text().length() > 40 ? t.text().substring(0, 40) + "…" : t.text()) + "'";
    }

    TemplateException error(String what) {
      return new TemplateException("the chat template's line " + peek().line() + " " + what);
    }
  }
}
