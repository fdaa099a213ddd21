package io.otium.lm.text.jinja;

/**
 * What one rendering may use. Templates come with models, which come from anywhere: one that loops
 * for ever or builds endless text must end in an error soon, whatever it does.
 */
final class Budget {
  /** About a second of work; a real template takes some dozens of steps a message. */
  private static final long MAX_STEPS = 20_000_000;

  /** Characters in one text; far above any model's context. */
  private static final int MAX_TEXT = 1 << 24;

  /** Characters and list items made in all, kept or not. */
  private static final long MAX_MADE = 1L << 30;

  private static final int MAX_ITEMS = 1 << 20;
  private static final int MAX_DEPTH = 700;

  private long steps = MAX_STEPS;
  private long made = MAX_MADE;
  private int depth;

  void step() {
    steps(1);
  }

  void steps(long n) {
    steps -= n;
    if (steps < 0) {
      throw new TemplateException("the chat template did not end within " + MAX_STEPS + " steps");
    }
  }

  /** To be called before a text of this length is made. */
  void text(long length) {
    if (length > MAX_TEXT) {
      throw new TemplateException(
          "the chat template makes a text of more than " + MAX_TEXT + " characters");
    }
    made(length);
  }

  /** To be called before a list of this length is made. */
  void items(long length) {
    if (length > MAX_ITEMS) {
      throw new TemplateException(
          "the chat template makes a list of more than " + MAX_ITEMS + " items");
    }
    steps(length);
    made(8 * length);
  }

  private void made(long length) {
    made -= length;
    if (made < 0) {
      throw new TemplateException(
          "the chat template makes more than " + MAX_MADE + " characters of text in all");
    }
  }

  void enter() {
    steps(1);
    if (++depth > MAX_DEPTH) {
      throw new TemplateException(
          "the chat template nests more than " + MAX_DEPTH + " calls and expressions deep");
    }
  }

  void leave() {
    depth--;
  }
}
