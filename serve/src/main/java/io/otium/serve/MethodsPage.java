package io.otium.serve;

import io.otium.core.options.OptionsPage;
import java.util.List;

/** The reference page of the methods: {@code docs/reference/methods.md}. */
public final class MethodsPage {
  private MethodsPage() {}

  /** The whole page in Markdown, ending with a newline. */
  public static String markdown() {
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # Methods of lazy inference

        Made from the options records by `MethodsPage`; do not edit it by hand. A request names
        methods under its key `"otium"`, the command line by `--prefill NAME --prefill.KEY VALUE`
        and `--kv NAME --kv.KEY VALUE`. A share may be written as a percentage on the command
        line and in quotes (`"50%"`).
        """);
    for (Registry<?> registry : List.<Registry<?>>of(Methods.prefill(), Methods.kv())) {
      page.append("\n## `").append(registry.kind()).append("`: ");
      page.append(registry.doc()).append("\n");
      for (Method<?, ?> method : registry.methods()) {
        page.append("\n### `").append(method.id()).append("`\n\n");
        page.append(method.doc()).append("\n\n");
        page.append(OptionsPage.table(method.options()));
      }
    }
    return page.toString();
  }
}
