package io.otium.lm.text.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The syntax tree of a template. */
sealed interface Node {
  /** What has a value. */
  sealed interface Expr extends Node {}

  record Const(Object value) implements Expr {}

  record Name(String name) implements Expr {}

  record ListExpr(List<Expr> items, boolean tuple) implements Expr {}

  record DictExpr(List<Expr> keys, List<Expr> values) implements Expr {}

  record Unary(String operator, Expr operand) implements Expr {}

  record Binary(String operator, Expr left, Expr right) implements Expr {}

  /** {@code a < b <= c}: one operator fewer than operands. */
  record Compare(List<Expr> operands, List<String> operators) implements Expr {}

  record Condition(Expr test, Expr yes, @Nullable Expr no) implements Expr {}

  record Attribute(Expr of, String name) implements Expr {}

  record Item(Expr of, Expr key) implements Expr {}

  record Slice(Expr of, @Nullable Expr start, @Nullable Expr stop, @Nullable Expr step)
      implements Expr {}

  record Arguments(
      List<Expr> positional,
      List<String> names,
      List<Expr> named,
      @Nullable Expr rest,
      @Nullable Expr restNamed) {
    static final Arguments NONE = new Arguments(List.of(), List.of(), List.of(), null, null);
  }

  record Call(Expr callee, Arguments arguments) implements Expr {}

  record Filter(Expr of, String name, Arguments arguments) implements Expr {}

  record Test(Expr of, String name, Arguments arguments, boolean negated) implements Expr {}

  /** What stands between the expressions. */
  sealed interface Stmt extends Node {}

  record Text(String text) implements Stmt {}

  record Output(Expr value, int line) implements Stmt {}

  record If(Expr test, List<Stmt> yes, List<Stmt> no, int line) implements Stmt {}

  record For(
      Target target,
      Expr items,
      @Nullable Expr test,
      boolean recursive,
      List<Stmt> body,
      List<Stmt> otherwise,
      int line)
      implements Stmt {}

  record Set(Target target, Expr value, int line) implements Stmt {}

  record SetBlock(Target target, List<Filter> filters, List<Stmt> body, int line) implements Stmt {}

  /** Names and defaults of a macro; the last {@code defaults.size()} parameters have one. */
  record Macro(String name, List<String> parameters, List<Expr> defaults, List<Stmt> body)
      implements Stmt {}

  /** {@code {% call(x) m() %}…}: calls a macro that may call the body as {@code caller}. */
  record CallBlock(Macro caller, Call call, int line) implements Stmt {}

  record FilterBlock(List<Filter> filters, List<Stmt> body, int line) implements Stmt {}

  record With(List<Target> targets, List<Expr> values, List<Stmt> body) implements Stmt {}

  /** A scope of its own that changes nothing else, such as {@code {% generation %}}. */
  record Scope(List<Stmt> body) implements Stmt {}

  record Break() implements Stmt {}

  record Continue() implements Stmt {}

  /** What can be assigned to. */
  sealed interface Target {
    record Variable(String name) implements Target {}

    record Field(String namespace, String name) implements Target {}

    record Several(List<Target> targets) implements Target {}
  }
}
