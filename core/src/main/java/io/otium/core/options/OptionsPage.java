package io.otium.core.options;

/** The reference page of a record of options, in Markdown. */
public final class OptionsPage {
  private OptionsPage() {}

  /** A table with a row for each option; one sentence if there are none. Ends with a newline. */
  public static String table(Options<?> options) {
    if (options.fields().isEmpty()) {
      return "No options.\n";
    }
    StringBuilder page = new StringBuilder();
    page.append("| option | default | allowed | what it does |\n| --- | --- | --- | --- |\n");
    for (OptionField field : options.fields()) {
      String shown = OptionText.write(field, field.defaultValue());
      page.append("| `").append(field.name()).append("` | ");
      page.append(shown.isEmpty() ? "empty" : "`" + cell(shown) + "`").append(" | ");
      page.append(cell(field.allowed())).append(" | ").append(cell(field.doc())).append(" |\n");
    }
    return page.toString();
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace('\n', ' ');
  }
}
