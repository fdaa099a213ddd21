package io.otium.lm.text.jinja;

import io.otium.lm.text.jinja.Node.Expr;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values of expressions. */
final class Evaluator {
  private final Budget budget;

  Evaluator(Budget budget) {
    this.budget = budget;
  }

  Object value(Expr e, Scope scope) {
    budget.enter();
    Object out =
        switch (e) {
          case Node.Const c -> c.value();
          case Node.Name n -> name(n.name(), scope);
          case Node.ListExpr l -> {
            List<Object> items = values(l.items(), scope);
            yield l.tuple() ? new Tuple(items) : items;
          }
          case Node.DictExpr d -> {
            var map = new LinkedHashMap<Object, Object>();
            for (int i = 0; i < d.keys().size(); i++) {
              map.put(Values.key(value(d.keys().get(i), scope)), value(d.values().get(i), scope));
            }
            yield map;
          }
          case Node.Unary u -> unary(u, scope);
          case Node.Binary b -> binary(b, scope);
          case Node.Compare c -> compare(c, scope);
          case Node.Condition c -> {
            if (Values.truth(value(c.test(), scope))) {
              yield value(c.yes(), scope);
            }
            yield c.no() == null
                ? new Undefined("the inline if has no else")
                : value(c.no(), scope);
          }
          case Node.Attribute a -> Access.attribute(value(a.of(), scope), a.name());
          case Node.Item i -> Access.item(value(i.of(), scope), value(i.key(), scope));
          case Node.Slice s ->
              Access.slice(
                  value(s.of(), scope),
                  bound(s.start(), scope),
                  bound(s.stop(), scope),
                  bound(s.step(), scope),
                  budget);
          case Node.Call c -> call(c, scope, null);
          case Node.Filter f ->
              Filters.apply(
                  f.name(), value(f.of(), scope), arguments(f.arguments(), scope, null), budget);
          case Node.Test t ->
              Tests.test(
                      t.name(), value(t.of(), scope), arguments(t.arguments(), scope, null), budget)
                  != t.negated();
        };
    budget.leave();
    return out;
  }

  private static Object name(String name, Scope scope) {
    Object value = scope.get(name);
    if (value instanceof Undefined) {
      Callable function = Functions.named(name);
      return function == null ? value : function;
    }
    return value;
  }

  private List<Object> values(List<Expr> expressions, Scope scope) {
    var out = new ArrayList<Object>(expressions.size());
    for (Expr e : expressions) {
      out.add(value(e, scope));
    }
    return out;
  }

  private @Nullable Long bound(@Nullable Expr e, Scope scope) {
    if (e == null) {
      return null;
    }
    Object value = value(e, scope);
    return value == None.NONE ? null : (Long) Values.integer(value);
  }

  Object call(Node.Call c, Scope scope, @Nullable Callable caller) {
    Object callee = value(c.callee(), scope);
    if (callee instanceof Undefined u) {
      throw u.error();
    }
    if (!(callee instanceof Callable function)) {
      throw new TemplateException(
          "the chat template calls a " + Values.typeName(callee) + " as if it were a function");
    }
    return function.call(arguments(c.arguments(), scope, caller), budget);
  }

  /** Puts a text through a block's filters. */
  Object filtered(String text, List<Node.Filter> filters, Scope scope) {
    Object out = text;
    for (Node.Filter f : filters) {
      out = Filters.apply(f.name(), out, arguments(f.arguments(), scope, null), budget);
    }
    return out;
  }

  private Args arguments(Node.Arguments a, Scope scope, @Nullable Callable caller) {
    if (a == Node.Arguments.NONE && caller == null) {
      return Args.NONE;
    }
    List<Object> positional = values(a.positional(), scope);
    Map<String, Object> named = new LinkedHashMap<>();
    for (int i = 0; i < a.names().size(); i++) {
      named.put(a.names().get(i), value(a.named().get(i), scope));
    }
    if (a.rest() != null) {
      positional.addAll(Values.items(value(a.rest(), scope), budget));
    }
    if (a.restNamed() != null) {
      if (!(value(a.restNamed(), scope) instanceof Map<?, ?> map)) {
        throw new TemplateException("the chat template passes ** of what is no dict");
      }
      map.forEach((k, v) -> named.put(String.valueOf(k), v));
    }
    if (caller != null) {
      named.put("caller", caller);
    }
    return new Args(positional, named);
  }

  private Object unary(Node.Unary u, Scope scope) {
    Object v = value(u.operand(), scope);
    return switch (u.operator()) {
      case "not" -> !Values.truth(v);
      case "-" -> v instanceof Double d ? (Object) (-d) : (Object) (-Values.integer(v));
      default -> v instanceof Double ? v : (Object) Values.integer(v);
    };
  }

  private Object binary(Node.Binary b, Scope scope) {
    Object left = value(b.left(), scope);
    return switch (b.operator()) {
      case "and" -> Values.truth(left) ? value(b.right(), scope) : left;
      case "or" -> Values.truth(left) ? left : value(b.right(), scope);
      default -> Arithmetic.apply(b.operator(), left, value(b.right(), scope), budget);
    };
  }

  private boolean compare(Node.Compare c, Scope scope) {
    Object left = value(c.operands().getFirst(), scope);
    for (int i = 0; i < c.operators().size(); i++) {
      Object right = value(c.operands().get(i + 1), scope);
      boolean holds =
          switch (c.operators().get(i)) {
            case "==" -> Values.equal(left, right, budget);
            case "!=" -> !Values.equal(left, right, budget);
            case "<" -> Values.compare(left, right, budget) < 0;
            case "<=" -> Values.compare(left, right, budget) <= 0;
            case ">" -> Values.compare(left, right, budget) > 0;
            case ">=" -> Values.compare(left, right, budget) >= 0;
            case "in" -> Values.contains(right, left, budget);
            default -> !Values.contains(right, left, budget);
          };
      if (!holds) {
        return false;
      }
      left = right;
    }
    return true;
  }
}
