package io.otium.core.options;

/**
 * An option as the command line shows it.
 *
 * @param flag with dashes and prefix: {@code --kv.keep-last}
 * @param placeholder what stands for the value in help: {@code N}, {@code SHARE}, {@code a|b}
 * @param defaultText the default as one would type it
 */
public record OptionFlag(
    String flag, String placeholder, String doc, String defaultText, OptionField field) {

  static OptionFlag of(String prefix, OptionField field) {
    String flag = "--" + (prefix.isEmpty() ? "" : prefix + ".") + field.flag();
    String placeholder =
        switch (field.type()) {
          case INT, LONG -> "N";
          case FLOAT, DOUBLE -> field.share() ? "SHARE" : "X";
          case BOOLEAN -> "";
          case STRING -> "TEXT";
          case CHOICE -> String.join("|", field.choices());
          case STRINGS -> "TEXT,TEXT";
          case INTS -> "N,N";
          case DOUBLES -> "X,X";
          case INT_TO_FLOAT -> "N=X,N=X";
        };
    return new OptionFlag(
        flag, placeholder, field.doc(), OptionText.write(field, field.defaultValue()), field);
  }
}
