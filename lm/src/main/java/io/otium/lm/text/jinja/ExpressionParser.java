package io.otium.lm.text.jinja;

import io.otium.lm.text.jinja.Node.Arguments;
import io.otium.lm.text.jinja.Node.Expr;
import io.otium.lm.text.jinja.Parser.Tokens;
import io.otium.lm.text.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Expressions, by Jinja's precedences (lowest first: if, or, and, not, comparison, +, ~, *, **).
 */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  /**
   * Operators in a row build a tree as deep as the row is long; evaluation walks it by recursion.
   */
  private static final int MAX_CHAIN = 400;

  private final Tokens tokens;

  ExpressionParser(Tokens tokens) {
    this.tokens = tokens;
  }

  Expr expression() {
    return expression(true);
  }

  private Expr expression(boolean conditions) {
    tokens.enter();
    Expr out = or();
    for (int n = 0; conditions && tokens.skipName("if"); chain(++n)) {
      Expr test = or();
      Expr no = tokens.skipName("else") ? expression() : null;
      out = new Node.Condition(test, out, no);
    }
    tokens.leave();
    return out;
  }

  Expr tupleOrExpression() {
    return tuple(true);
  }

  /** A loop's items, after which an {@code if} belongs to the loop. */
  Expr tupleWithoutCondition() {
    return tuple(false);
  }

  private Expr tuple(boolean conditions) {
    Expr first = expression(conditions);
    if (!tokens.peek().isOperator(",")) {
      return first;
    }
    var items = new ArrayList<Expr>(List.of(first));
    while (tokens.skipOperator(",")) {
      Token t = tokens.peek();
      if (t.kind() == Kind.VARIABLE_END || t.kind() == Kind.BLOCK_END || t.isOperator(")")) {
        break;
      }
      items.add(expression(conditions));
    }
    return new Node.ListExpr(items, true);
  }

  private void chain(int length) {
    if (length > MAX_CHAIN) {
      throw tokens.error("has more than " + MAX_CHAIN + " operators in a row");
    }
  }

  private Expr or() {
    Expr left = and();
    for (int n = 0; tokens.skipName("or"); chain(++n)) {
      left = new Node.Binary("or", left, and());
    }
    return left;
  }

  private Expr and() {
    Expr left = not();
    for (int n = 0; tokens.skipName("and"); chain(++n)) {
      left = new Node.Binary("and", left, not());
    }
    return left;
  }

  private Expr not() {
    if (tokens.skipName("not")) {
      tokens.enter();
      Expr out = new Node.Unary("not", not());
      tokens.leave();
      return out;
    }
    return compare();
  }

  private Expr compare() {
    Expr first = sum();
    var operands = new ArrayList<Expr>(List.of(first));
    var operators = new ArrayList<String>();
    while (true) {
      Token t = tokens.peek();
      Token after = tokens.peek(1);
      if (t.kind() == Kind.OPERATOR && COMPARISONS.contains(t.text())) {
        tokens.next();
        operators.add(t.text());
      } else if (tokens.skipName("in")) {
        operators.add("in");
      } else if (t.isName("not") && after != null && after.isName("in")) {
        tokens.next();
        tokens.next();
        operators.add("not in");
      } else {
        break;
      }
      operands.add(sum());
    }
    return operators.isEmpty() ? first : new Node.Compare(operands, operators);
  }

  private Expr sum() {
    Expr left = concat();
    for (int n = 0; tokens.peek().isOperator("+") || tokens.peek().isOperator("-"); chain(++n)) {
      String operator = tokens.next().text();
      left = new Node.Binary(operator, left, concat());
    }
    return left;
  }

  private Expr concat() {
    Expr left = product();
    for (int n = 0; tokens.skipOperator("~"); chain(++n)) {
      left = new Node.Binary("~", left, product());
    }
    return left;
  }

  private Expr product() {
    Expr left = power();
    for (int n = 0; ; chain(++n)) {
      Token t = tokens.peek();
      if (t.kind() != Kind.OPERATOR || !Set.of("*", "/", "//", "%").contains(t.text())) {
        return left;
      }
      tokens.next();
      left = new Node.Binary(t.text(), left, power());
    }
  }

  private Expr power() {
    Expr left = unary(true);
    for (int n = 0; tokens.skipOperator("**"); chain(++n)) {
      left = new Node.Binary("**", left, unary(true));
    }
    return left;
  }

  private Expr unary(boolean filters) {
    Expr out;
    if (tokens.peek().isOperator("-") || tokens.peek().isOperator("+")) {
      tokens.enter();
      String operator = tokens.next().text();
      out = new Node.Unary(operator, unary(false));
      tokens.leave();
    } else {
      out = primary();
    }
    out = postfix(out);
    return filters ? filtersAndTests(out) : out;
  }

  private Expr primary() {
    Token t = tokens.next();
    return switch (t.kind()) {
      case NAME ->
          switch (t.text()) {
            case "true", "True" -> new Node.Const(true);
            case "false", "False" -> new Node.Const(false);
            case "none", "None" -> new Node.Const(None.NONE);
            default -> new Node.Name(t.text());
          };
      case STRING -> {
        var text = new StringBuilder(t.text());
        while (tokens.peek().kind() == Kind.STRING) {
          text.append(tokens.next().text());
        }
        yield new Node.Const(text.toString());
      }
      case INTEGER -> {
        try {
          yield new Node.Const(Long.parseLong(t.text()));
        } catch (NumberFormatException e) {
          throw tokens.error("has the number " + t.text() + ", which is too large");
        }
      }
      case FLOAT -> new Node.Const(Double.parseDouble(t.text()));
      case OPERATOR ->
          switch (t.text()) {
            case "(" -> {
              if (tokens.skipOperator(")")) {
                yield new Node.ListExpr(List.of(), true);
              }
              Expr inner = tupleOrExpression();
              tokens.expectOperator(")");
              yield inner;
            }
            case "[" -> new Node.ListExpr(expressionsUntil("]"), false);
            case "{" -> dict();
            default -> throw unexpected(t);
          };
      default -> throw unexpected(t);
    };
  }

  private TemplateException unexpected(Token t) {
    return tokens.error("has " + Tokens.shown(t) + " where a value is due");
  }

  private List<Expr> expressionsUntil(String end) {
    var items = new ArrayList<Expr>();
    while (!tokens.skipOperator(end)) {
      if (!items.isEmpty()) {
        tokens.expectOperator(",");
        if (tokens.skipOperator(end)) {
          break;
        }
      }
      items.add(expression());
    }
    return items;
  }

  private Expr dict() {
    var keys = new ArrayList<Expr>();
    var values = new ArrayList<Expr>();
    while (!tokens.skipOperator("}")) {
      if (!keys.isEmpty()) {
        tokens.expectOperator(",");
        if (tokens.skipOperator("}")) {
          break;
        }
      }
      keys.add(expression());
      tokens.expectOperator(":");
      values.add(expression());
    }
    return new Node.DictExpr(keys, values);
  }

  private Expr postfix(Expr out) {
    for (int n = 0; ; chain(++n)) {
      if (tokens.skipOperator(".")) {
        Token t = tokens.next();
        out =
            switch (t.kind()) {
              case NAME -> new Node.Attribute(out, t.text());
              case INTEGER -> new Node.Item(out, new Node.Const(Long.parseLong(t.text())));
              default -> throw tokens.error("has " + Tokens.shown(t) + " after a dot");
            };
      } else if (tokens.skipOperator("[")) {
        out = subscript(out);
      } else if (tokens.peek().isOperator("(")) {
        out = new Node.Call(out, arguments());
      } else {
        return out;
      }
    }
  }

  private Expr subscript(Expr of) {
    Expr start = tokens.peek().isOperator(":") ? null : expression();
    if (start != null && tokens.skipOperator("]")) {
      return new Node.Item(of, start);
    }
    tokens.expectOperator(":");
    Expr stop = sliceEnd() ? null : expression();
    Expr step = null;
    if (tokens.skipOperator(":")) {
      step = sliceEnd() ? null : expression();
    }
    tokens.expectOperator("]");
    return new Node.Slice(of, start, stop, step);
  }

  private boolean sliceEnd() {
    return tokens.peek().isOperator("]") || tokens.peek().isOperator(":");
  }

  private Arguments arguments() {
    tokens.expectOperator("(");
    var positional = new ArrayList<Expr>();
    var names = new ArrayList<String>();
    var named = new ArrayList<Expr>();
    Expr rest = null;
    Expr restNamed = null;
    boolean first = true;
    while (!tokens.skipOperator(")")) {
      if (!first) {
        tokens.expectOperator(",");
        if (tokens.skipOperator(")")) {
          break;
        }
      }
      first = false;
      Token after = tokens.peek(1);
      if (tokens.skipOperator("*")) {
        rest = expression();
      } else if (tokens.skipOperator("**")) {
        restNamed = expression();
      } else if (tokens.peek().kind() == Kind.NAME && after != null && after.isOperator("=")) {
        names.add(tokens.next().text());
        tokens.next();
        named.add(expression());
      } else {
        positional.add(expression());
      }
    }
    return new Arguments(positional, names, named, rest, restNamed);
  }

  /** Filters of a block, whose first has no {@code |}; their operand is the block's text. */
  List<Node.Filter> filters() {
    var out = new ArrayList<Node.Filter>();
    do {
      out.add(filter(new Node.Const("")));
    } while (tokens.skipOperator("|"));
    return out;
  }

  private Node.Filter filter(Expr of) {
    String name = dottedName();
    boolean called = tokens.peek().isOperator("(");
    return new Node.Filter(of, name, called ? arguments() : Arguments.NONE);
  }

  private String dottedName() {
    var name = new StringBuilder(tokens.expect(Kind.NAME).text());
    while (tokens.skipOperator(".")) {
      name.append('.').append(tokens.expect(Kind.NAME).text());
    }
    return name.toString();
  }

  private Expr filtersAndTests(Expr out) {
    for (int n = 0; ; chain(++n)) {
      if (tokens.skipOperator("|")) {
        out = filter(out);
      } else if (tokens.skipName("is")) {
        out = test(out);
      } else if (tokens.peek().isOperator("(")) {
        out = new Node.Call(out, arguments());
      } else {
        return out;
      }
    }
  }

  private Expr test(Expr of) {
    boolean negated = tokens.skipName("not");
    String name = dottedName();
    Arguments arguments = Arguments.NONE;
    if (tokens.peek().isOperator("(")) {
      arguments = arguments();
    } else {
      Expr argument = bareArgument();
      if (argument != null) {
        arguments = new Arguments(List.of(argument), List.of(), List.of(), null, null);
      }
    }
    return new Node.Test(of, name, arguments, negated);
  }

  /** The argument of {@code x is divisibleby 3}. */
  private @Nullable Expr bareArgument() {
    Token t = tokens.peek();
    boolean starts =
        switch (t.kind()) {
          case STRING, INTEGER, FLOAT -> true;
          case NAME -> !Set.of("else", "or", "and", "is", "if", "in", "not").contains(t.text());
          case OPERATOR -> t.text().equals("[") || t.text().equals("{");
          default -> false;
        };
    return starts ? postfix(primary()) : null;
  }
}
