import com.google.googlejavaformat.java.Formatter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks that every Java file of the repository is formatted as google-java-format prints it, or
 * writes it so: {@code mvn -N validate -Dformat=apply}. A plain program, because the formatter must
 * run on the JDK of the toolchain (25), while Maven and its plugins may run on 17.
 */
public final class Format {
  public static void main(String[] args) throws Exception {
    boolean apply = args[0].equals("apply");
    List<Path> sources;
    try (var walk = Files.walk(Path.of(args[1]))) {
      sources = walk.filter(Format::isSource).sorted().toList();
    }
    var formatter = new Formatter();
    var wrong = new ArrayList<Path>();
    for (Path source : sources) {
      String text = Files.readString(source);
      String formatted = formatter.formatSourceAndFixImports(text);
      if (!formatted.equals(text)) {
        wrong.add(source);
        if (apply) Files.writeString(source, formatted);
      }
    }
    if (!wrong.isEmpty() && !apply) {
      wrong.forEach(path -> System.err.println("not formatted: " + path));
      System.err.println("mend with: mvn -N validate -Dformat=apply");
      System.exit(1);
    }
  }

  private static boolean isSource(Path path) {
    String name = path.toString();
    return name.endsWith(".java") && !name.contains("/target/") && !name.contains("/.git/");
  }
}
