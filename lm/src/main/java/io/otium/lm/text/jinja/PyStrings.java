package io.otium.lm.text.jinja;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Python's view of text: characters are code points, blanks are Unicode's. */
final class PyStrings {
  private PyStrings() {}

  static boolean isSpace(char c) {
    return c == ' '
        || (c >= '\t' && c <= '\r')
        || (c >= 0x1c && c <= 0x1f)
        || c == 0x85
        || c == 0xa0
        || (c > 0xff && (Character.isSpaceChar(c) || Character.isWhitespace(c)));
  }

  static boolean isSpace(String s, int from) {
    for (int i = from; i < s.length(); i++) {
      if (!isSpace(s.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  static String strip(String s) {
    return lstrip(rstrip(s));
  }

  static String rstrip(String s) {
    int end = s.length();
    while (end > 0 && isSpace(s.charAt(end - 1))) {
      end--;
    }
    return s.substring(0, end);
  }

  static String lstrip(String s) {
    int start = 0;
    while (start < s.length() && isSpace(s.charAt(start))) {
      start++;
    }
    return s.substring(start);
  }

  /** Strips the characters in {@code chars} from the ends asked for. */
  static String strip(String s, String chars, boolean left, boolean right) {
    int start = 0;
    int end = s.length();
    while (left && start < end && chars.indexOf(s.codePointAt(start)) >= 0) {
      start += Character.charCount(s.codePointAt(start));
    }
    while (right && end > start && chars.indexOf(s.codePointBefore(end)) >= 0) {
      end -= Character.charCount(s.codePointBefore(end));
    }
    return s.substring(start, end);
  }

  /** Number of characters. */
  static int length(String s) {
    return s.codePointCount(0, s.length());
  }

  /** Whether each character is one Java char, so that indices need no translation. */
  private static boolean plain(String s) {
    for (int i = 0; i < s.length(); i++) {
      if (Character.isSurrogate(s.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  static List<Object> characters(String s) {
    var out = new ArrayList<Object>(s.length());
    for (int i = 0; i < s.length(); ) {
      int n = Character.charCount(s.codePointAt(i));
      out.add(s.substring(i, i + n));
      i += n;
    }
    return out;
  }

  /** The character at {@code index}, which is within the string. */
  static String at(String s, int index) {
    int i = s.offsetByCodePoints(0, index);
    return s.substring(i, i + Character.charCount(s.codePointAt(i)));
  }

  /** {@code s[start:end]} for bounds that are within the string. */
  static String slice(String s, int start, int end) {
    if (plain(s)) {
      return s.substring(start, Math.max(start, end));
    }
    int from = s.offsetByCodePoints(0, start);
    return s.substring(from, s.offsetByCodePoints(from, Math.max(0, end - start)));
  }

  /** Index of {@code part} in characters, or -1. */
  static long indexOf(String s, String part, boolean last) {
    int i = last ? s.lastIndexOf(part) : s.indexOf(part);
    return i < 0 ? -1 : s.codePointCount(0, i);
  }

  static List<Object> split(String s, @Nullable String separator, long most, boolean fromRight) {
    if (separator != null && separator.isEmpty()) {
      throw new TemplateException("the chat template splits by an empty separator");
    }
    return separator == null ? words(s, most, fromRight) : split(s, separator, most, fromRight, 0);
  }

  private static List<Object> split(
      String s, String separator, long most, boolean fromRight, int start) {
    var out = new ArrayList<Object>();
    if (fromRight && most >= 0) {
      int end = s.length();
      while (most-- > 0) {
        int i = end < separator.length() ? -1 : s.lastIndexOf(separator, end - separator.length());
        if (i < 0) {
          break;
        }
        out.addFirst(s.substring(i + separator.length(), end));
        end = i;
      }
      out.addFirst(s.substring(0, end));
      return out;
    }
    while (most < 0 || most-- > 0) {
      int i = s.indexOf(separator, start);
      if (i < 0) {
        break;
      }
      out.add(s.substring(start, i));
      start = i + separator.length();
    }
    out.add(s.substring(start));
    return out;
  }

  private static List<Object> words(String s, long most, boolean fromRight) {
    var out = new ArrayList<Object>();
    int start = 0;
    int end = s.length();
    while (true) {
      // Only on the side that words are taken from: what is left over keeps its other blanks.
      while (!fromRight && start < end && isSpace(s.charAt(start))) {
        start++;
      }
      while (fromRight && end > start && isSpace(s.charAt(end - 1))) {
        end--;
      }
      if (start == end) {
        return fromRight ? out.reversed() : out;
      }
      int cut = fromRight ? end : start;
      if (most-- == 0) {
        cut = fromRight ? start : end;
      }
      while (fromRight && cut > start && !isSpace(s.charAt(cut - 1))) {
        cut--;
      }
      while (!fromRight && cut < end && !isSpace(s.charAt(cut))) {
        cut++;
      }
      out.add(fromRight ? s.substring(cut, end) : s.substring(start, cut));
      if (fromRight) {
        end = cut;
      } else {
        start = cut;
      }
    }
  }

  static List<Object> lines(String s, boolean keepEnds) {
    var out = new ArrayList<Object>();
    for (int i = 0, start = 0; i < s.length(); ) {
      char c = s.charAt(i++);
      if ((c >= '\n' && c <= '\r')
          || (c >= 0x1c && c <= 0x1e)
          || c == 0x85
          || c == 0x2028
          || c == 0x2029) {
        int end = i - 1;
        if (c == '\r' && i < s.length() && s.charAt(i) == '\n') {
          i++;
        }
        out.add(s.substring(start, keepEnds ? i : end));
        start = i;
      }
      if (i == s.length() && start < i) {
        out.add(s.substring(start));
      }
    }
    return out;
  }

  static String capitalize(String s) {
    if (s.isEmpty()) {
      return s;
    }
    int n = Character.charCount(s.codePointAt(0));
    return s.substring(0, n).toUpperCase(java.util.Locale.ROOT)
        + s.substring(n).toLowerCase(java.util.Locale.ROOT);
  }

  static String title(String s) {
    var out = new StringBuilder(s.length());
    boolean inWord = false;
    for (int i = 0; i < s.length(); ) {
      int c = s.codePointAt(i);
      boolean letter = Character.isLetter(c);
      out.appendCodePoint(
          !letter ? c : inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
      inWord = letter;
      i += Character.charCount(c);
    }
    return out.toString();
  }
}
