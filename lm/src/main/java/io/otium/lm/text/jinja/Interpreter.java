package io.otium.lm.text.jinja;

import io.otium.lm.text.jinja.Node.Stmt;
import io.otium.lm.text.jinja.Node.Target;
import java.util.ArrayList;
import java.util.List;

/** Runs the statements of a template once. */
final class Interpreter {
  /** How a list of statements ended. */
  private enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  private final Budget budget;
  private final Evaluator evaluator;
  private StringBuilder out = new StringBuilder();

  Interpreter(Budget budget) {
    this.budget = budget;
    this.evaluator = new Evaluator(budget);
  }

  String run(List<Stmt> statements, Scope scope) {
    statements(statements, scope);
    return out.toString();
  }

  private void write(String text) {
    budget.text((long) out.length() + text.length() > (1 << 24) ? Long.MAX_VALUE : text.length());
    out.append(text);
  }

  /** The text that statements write, kept from the output. */
  private String capture(Runnable body) {
    StringBuilder before = out;
    out = new StringBuilder();
    try {
      body.run();
      return out.toString();
    } finally {
      out = before;
    }
  }

  private Flow statements(List<Stmt> statements, Scope scope) {
    budget.enter();
    try {
      for (Stmt s : statements) {
        Flow flow = statement(s, scope);
        if (flow != Flow.NEXT) {
          return flow;
        }
      }
      return Flow.NEXT;
    } finally {
      budget.leave();
    }
  }

  private Flow statement(Stmt statement, Scope scope) {
    budget.step();
    switch (statement) {
      case Node.Text t -> write(t.text());
      case Node.Output o -> write(Values.text(evaluator.value(o.value(), scope), budget));
      case Node.If i -> {
        boolean test = Values.truth(evaluator.value(i.test(), scope));
        return statements(test ? i.yes() : i.no(), scope);
      }
      case Node.For f -> loop(f, evaluator.value(f.items(), scope), scope, 0);
      case Node.Set s -> assign(s.target(), evaluator.value(s.value(), scope), scope);
      case Node.SetBlock s -> {
        String text = capture(() -> statements(s.body(), new Scope(scope)));
        assign(s.target(), evaluator.filtered(text, s.filters(), scope), scope);
      }
      case Node.Macro m -> scope.set(m.name(), macro(m, scope));
      case Node.CallBlock c -> {
        Object result = evaluator.call(c.call(), scope, macro(c.caller(), scope));
        write(Values.text(result, budget));
      }
      case Node.FilterBlock f -> {
        String text = capture(() -> statements(f.body(), new Scope(scope)));
        write(Values.text(evaluator.filtered(text, f.filters(), scope), budget));
      }
      case Node.With w -> {
        var inner = new Scope(scope);
        for (int i = 0; i < w.targets().size(); i++) {
          assign(w.targets().get(i), evaluator.value(w.values().get(i), scope), inner);
        }
        return statements(w.body(), inner);
      }
      case Node.Scope s -> {
        return statements(s.body(), new Scope(scope));
      }
      case Node.Break b -> {
        return Flow.BREAK;
      }
      case Node.Continue c -> {
        return Flow.CONTINUE;
      }
    }
    return Flow.NEXT;
  }

  private void loop(Node.For f, Object over, Scope scope, int depth) {
    List<Object> items = Values.items(over, budget);
    if (f.test() != null) {
      var kept = new ArrayList<Object>();
      for (Object item : items) {
        var inner = new Scope(scope);
        assign(f.target(), item, inner);
        if (Values.truth(evaluator.value(f.test(), inner))) {
          kept.add(item);
        }
      }
      items = kept;
    }
    if (items.isEmpty()) {
      statements(f.otherwise(), new Scope(scope));
      return;
    }
    var loop =
        new Loop(
            items,
            depth,
            f.recursive() ? inner -> capture(() -> loop(f, inner, scope, depth + 1)) : null);
    for (int i = 0; i < items.size(); i++) {
      loop.index = i;
      var inner = new Scope(scope);
      inner.set("loop", loop);
      assign(f.target(), items.get(i), inner);
      if (statements(f.body(), inner) == Flow.BREAK) {
        break;
      }
    }
  }

  private void assign(Target target, Object value, Scope scope) {
    switch (target) {
      case Target.Variable v -> scope.set(v.name(), value);
      case Target.Field f -> {
        if (!(scope.get(f.namespace()) instanceof Namespace n)) {
          throw new TemplateException(
              "the chat template sets an attribute of '"
                  + f.namespace()
                  + "', which is no namespace");
        }
        if (value == n) {
          throw new TemplateException("the chat template puts a namespace into itself");
        }
        n.fields.put(f.name(), value);
      }
      case Target.Several s -> {
        List<Object> values = Values.items(value, budget);
        if (values.size() != s.targets().size()) {
          throw new TemplateException(
              "the chat template unpacks "
                  + values.size()
                  + " values into "
                  + s.targets().size()
                  + " names");
        }
        for (int i = 0; i < values.size(); i++) {
          assign(s.targets().get(i), values.get(i), scope);
        }
      }
    }
  }

  private Callable macro(Node.Macro m, Scope scope) {
    return (args, b) -> {
      var inner = new Scope(scope);
      int required = m.parameters().size() - m.defaults().size();
      for (int i = 0; i < m.parameters().size(); i++) {
        String name = m.parameters().get(i);
        Object value;
        if (args.has(i, name)) {
          value = args.get(i, name);
        } else if (i >= required) {
          value = evaluator.value(m.defaults().get(i - required), inner);
        } else {
          value = new Undefined("parameter '" + name + "' was not provided");
        }
        inner.set(name, value);
      }
      int known = m.parameters().size();
      List<Object> rest =
          args.positional().size() > known
              ? args.positional().subList(known, args.positional().size())
              : List.of();
      inner.set("varargs", new Tuple(rest));
      Object caller = args.named().get("caller");
      inner.set("caller", caller == null ? new Undefined("'caller' is undefined") : caller);
      return capture(() -> statements(m.body(), inner));
    };
  }
}
