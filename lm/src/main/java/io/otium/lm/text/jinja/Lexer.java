package io.otium.lm.text.jinja;

import io.otium.lm.text.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits a template into tokens, with the whitespace rules that chat templates are written for:
 * {@code trim_blocks} (a newline after a block goes), {@code lstrip_blocks} (blanks between the
 * line's start and a block go), and {@code -}/{@code +} signs that override them.
 */
final class Lexer {
  private static final String[] OPERATORS = {
    "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}",
    ">", "<", "=", ".", ":", "|", ",", ";"
  };

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int pos;
  private int line = 1;
  private int lineCountedTo;

  /** Whether what was consumed last ended in a newline; lets the next block strip its indent. */
  private boolean lineStarting = true;

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> tokens(String template) {
    String source = template.replace("\r\n", "\n").replace('\r', '\n');
    // Jinja drops one newline at the template's end.
    if (source.endsWith("\n")) {
      source = source.substring(0, source.length() - 1);
    }
    return new Lexer(source).run();
  }

  private List<Token> run() {
    while (true) {
      int begin = nextBegin(pos);
      if (begin < 0) {
        addData(source.substring(pos));
        add(Kind.EOF, "");
        return tokens;
      }
      char kind = source.charAt(begin + 1);
      char sign = begin + 2 < source.length() ? source.charAt(begin + 2) : ' ';
      boolean signed = sign == '-' || sign == '+';
      addData(stripBefore(source.substring(pos, begin), sign, kind == '{'));
      pos = begin + (signed ? 3 : 2);
      lineStarting = false;
      switch (kind) {
        case '#' -> comment();
        case '{' -> expression(Kind.VARIABLE_BEGIN, Kind.VARIABLE_END, "}}");
        default -> {
          if (!raw()) {
            expression(Kind.BLOCK_BEGIN, Kind.BLOCK_END, "%}");
          }
        }
      }
    }
  }

  private int nextBegin(int from) {
    for (int i = source.indexOf('{', from); i >= 0; i = source.indexOf('{', i + 1)) {
      if (i + 1 < source.length() && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  private String stripBefore(String data, char sign, boolean variable) {
    if (sign == '-') {
      return PyStrings.rstrip(data);
    }
    if (sign != '+' && !variable) {
      int lineStart = data.lastIndexOf('\n') + 1;
      if ((lineStart > 0 || lineStarting) && PyStrings.isSpace(data, lineStart)) {
        return data.substring(0, lineStart);
      }
    }
    return data;
  }

  private void addData(String data) {
    if (!data.isEmpty()) {
      add(Kind.DATA, data);
    }
  }

  private void add(Kind kind, String text) {
    for (; lineCountedTo < pos; lineCountedTo++) {
      if (source.charAt(lineCountedTo) == '\n') {
        line++;
      }
    }
    tokens.add(new Token(kind, text, line));
  }

  private TemplateException error(String what) {
    add(Kind.EOF, "");
    return new TemplateException("the chat template's line " + line + " " + what);
  }

  private void comment() {
    int end = source.indexOf("#}", pos);
    if (end < 0) {
      throw error("opens a comment that never ends");
    }
    char before = end > pos ? source.charAt(end - 1) : ' ';
    pos = end + 2;
    skipAfterEnd(before);
  }

  /** What an end tag swallows behind it: all blanks after {@code -}, else one newline. */
  private void skipAfterEnd(char sign) {
    int start = pos;
    if (sign == '-') {
      while (pos < source.length() && PyStrings.isSpace(source.charAt(pos))) {
        pos++;
      }
    } else if (sign != '+' && pos < source.length() && source.charAt(pos) == '\n') {
      pos++;
    }
    lineStarting = pos > start && source.charAt(pos - 1) == '\n';
  }

  private int skipBlanks(int i) {
    while (i < source.length() && PyStrings.isSpace(source.charAt(i))) {
      i++;
    }
    return i;
  }

  /** Takes {@code {% raw %}…{% endraw %}} if that is what stands here. */
  private boolean raw() {
    int i = skipBlanks(pos);
    if (!source.startsWith("raw", i)) {
      return false;
    }
    i = skipBlanks(i + 3);
    boolean dash = source.startsWith("-%}", i);
    if (!dash && !source.startsWith("%}", i)) {
      return false;
    }
    int start = dash ? skipBlanks(i + 3) : i + 2;
    for (int tag = source.indexOf("{%", start); tag >= 0; tag = source.indexOf("{%", tag + 1)) {
      char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
      int name = skipBlanks(sign == '-' || sign == '+' ? tag + 3 : tag + 2);
      if (!source.startsWith("endraw", name)) {
        continue;
      }
      int end = skipBlanks(name + 6);
      char endSign = end < source.length() ? source.charAt(end) : ' ';
      if (endSign == '-' || endSign == '+') {
        end++;
      }
      if (source.startsWith("%}", end)) {
        lineStarting = false;
        addData(stripBefore(source.substring(start, tag), sign, false));
        pos = end + 2;
        skipAfterEnd(endSign);
        return true;
      }
    }
    throw error("opens a raw block that never ends");
  }

  private void expression(Kind begin, Kind end, String endTag) {
    add(begin, "");
    int open = 0;
    while (true) {
      pos = skipBlanks(pos);
      if (pos >= source.length()) {
        throw error("opens a tag that never ends");
      }
      char c = source.charAt(pos);
      if (open == 0) {
        boolean signed = c == '-' || (c == '+' && end == Kind.BLOCK_END);
        if (source.startsWith(endTag, signed ? pos + 1 : pos)) {
          pos += signed ? 3 : 2;
          add(end, "");
          if (signed || end == Kind.BLOCK_END) {
            skipAfterEnd(signed ? c : ' ');
          }
          return;
        }
      }
      if (Character.isDigit(c)) {
        number();
      } else if (c == '_' || Character.isLetter(c)) {
        int start = pos;
        while (pos < source.length()
            && (source.charAt(pos) == '_' || Character.isLetterOrDigit(source.charAt(pos)))) {
          pos++;
        }
        add(Kind.NAME, source.substring(start, pos));
      } else if (c == '\'' || c == '"') {
        string(c);
      } else {
        String op = operator();
        open += "([{".contains(op) ? 1 : ")]}".contains(op) ? -1 : 0;
        if (open < 0) {
          throw error("closes '" + op + "' that was not opened");
        }
        pos += op.length();
        add(Kind.OPERATOR, op);
      }
    }
  }

  private String operator() {
    for (String op : OPERATORS) {
      if (source.startsWith(op, pos)) {
        return op;
      }
    }
    throw error("has a character that means nothing there: '" + source.charAt(pos) + "'");
  }

  private void number() {
    int start = pos;
    boolean afterDot = start > 0 && source.charAt(start - 1) == '.';
    digits();
    boolean real = false;
    if (!afterDot && peek(0) == '.' && Character.isDigit(peek(1))) {
      real = true;
      pos++;
      digits();
    }
    if (!afterDot && (peek(0) == 'e' || peek(0) == 'E')) {
      int sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
      if (Character.isDigit(peek(1 + sign))) {
        real = true;
        pos += 1 + sign;
        digits();
      }
    }
    String text = source.substring(start, pos).replace("_", "");
    add(real ? Kind.FLOAT : Kind.INTEGER, text);
  }

  private char peek(int ahead) {
    return pos + ahead < source.length() ? source.charAt(pos + ahead) : '\0';
  }

  private void digits() {
    while (Character.isDigit(peek(0)) || (peek(0) == '_' && Character.isDigit(peek(1)))) {
      pos++;
    }
  }

  private void string(char quote) {
    int start = ++pos;
    while (pos < source.length() && source.charAt(pos) != quote) {
      pos += source.charAt(pos) == '\\' ? 2 : 1;
    }
    if (pos >= source.length()) {
      throw error("opens a string that never ends");
    }
    String raw = source.substring(start, pos++);
    add(Kind.STRING, unescape(raw));
  }

  /** Python's escapes; an escape that Python does not know stays as it is written. */
  private String unescape(String raw) {
    if (raw.indexOf('\\') < 0) {
      return raw;
    }
    var out = new StringBuilder(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c != '\\' || i + 1 == raw.length()) {
        out.append(c);
        continue;
      }
      char e = raw.charAt(++i);
      switch (e) {
        case 'n' -> out.append('\n');
        case 't' -> out.append('\t');
        case 'r' -> out.append('\r');
        case 'a' -> out.append('\u0007');
        case 'b' -> out.append('\b');
        case 'f' -> out.append('\f');
        case 'v' -> out.append('\u000b');
        case '\\', '\'', '"' -> out.append(e);
        case '\n' -> {}
        case 'x' -> i = hex(raw, i, 2, out);
        case 'u' -> i = hex(raw, i, 4, out);
        case 'U' -> i = hex(raw, i, 8, out);
        case '0', '1', '2', '3', '4', '5', '6', '7' -> {
          int end = i;
          while (end < raw.length()
              && end < i + 3
              && raw.charAt(end) >= '0'
              && raw.charAt(end) < '8') {
            end++;
          }
          out.append((char) Integer.parseInt(raw.substring(i, end), 8));
          i = end - 1;
        }
        default -> out.append('\\').append(e);
      }
    }
    return out.toString();
  }

  private int hex(String raw, int i, int digits, StringBuilder out) {
    int end = i + 1 + digits;
    try {
      int codePoint = Integer.parseInt(raw.substring(i + 1, end), 16);
      out.appendCodePoint(codePoint);
      return end - 1;
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw error("has a string with a broken \\" + raw.charAt(i) + " escape");
    }
  }
}
