package io.otium.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.otium.lm.ModelInfo;
import io.otium.lm.engine.SequenceHook.CacheView;
import io.otium.lm.engine.SequenceHook.Step;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Does what docs/adding-a-method.md says, to the letter. */
class AddingAMethodTest {
  private static final Pattern CODE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @TempDir Path folder;

  @Test
  void thePagesMethodCompilesAndWorks() throws Exception {
    List<String> code = new ArrayList<>();
    Matcher blocks = CODE.matcher(Files.readString(Path.of("../docs/adding-a-method.md")));
    while (blocks.find()) code.add(blocks.group(1));
    assertThat(code).hasSize(2);
    try (URLClassLoader loader = compile(code.get(0), code.get(1))) {
      Registry<KvPolicy> registry = registry(loader);
      var json =
          new ObjectMapper()
              .readTree("{\"method\": \"recent-window\", \"window\": 3, \"sinks\": 1}");
      KvPolicy policy =
          registry
              .fromJson(json, "otium.kv")
              .create(new ModelInfo("m", "llama", 1, "int8", 64, 8, 2, 0));
      var cache = new Cache();
      policy.afterStep(new Step(0, new int[10], new int[10], true, true), cache);
      assertThat(cache.kept).containsExactly(0, 7, 8, 9);
      var wrong = new ObjectMapper().readTree("{\"method\": \"recent-window\", \"window\": 0}");
      assertThatThrownBy(() -> registry.fromJson(wrong, "otium.kv"))
          .hasMessageContaining("otium.kv.window");
    }
  }

  @SuppressWarnings("unchecked")
  private static Registry<KvPolicy> registry(URLClassLoader loader) throws Exception {
    Method line = loader.loadClass("io.otium.serve.Line").getMethod("registry");
    return (Registry<KvPolicy>) line.invoke(null);
  }

  private URLClassLoader compile(String file, String line) throws Exception {
    Files.writeString(folder.resolve("RecentWindow.java"), file);
    Files.writeString(
        folder.resolve("Line.java"),
        "package io.otium.serve; public class Line { public static Registry<KvPolicy> registry() {"
            + " return new Registry<KvPolicy>(\"kv\", \"test\", java.util.List.of("
            + line.strip()
            + ")); } }");
    var compiler = ToolProvider.getSystemJavaCompiler();
    var said = new StringWriter();
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      boolean done =
          compiler
              .getTask(
                  said,
                  files,
                  null,
                  List.of(
                      "-d", folder.toString(), "-classpath", System.getProperty("java.class.path")),
                  null,
                  files.getJavaFileObjects(
                      folder.resolve("RecentWindow.java"), folder.resolve("Line.java")))
              .call();
      assertThat(done).as(said.toString()).isTrue();
    }
    // the package's own loader must not be asked first for what only the page has, and is not: it
    // does not know it
    return new URLClassLoader(
        new java.net.URL[] {folder.toUri().toURL()}, AddingAMethodTest.class.getClassLoader());
  }

  private static final class Cache implements CacheView {
    private int[] kept = new int[0];

    @Override
    public int layers() {
      return 1;
    }

    @Override
    public int slots(int layer) {
      return 10;
    }

    @Override
    public int position(int layer, int slot) {
      return slot;
    }

    @Override
    public void keep(int layer, int[] slots) {
      kept = slots;
    }
  }
}
