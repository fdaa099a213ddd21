package io.otium.lm.hub;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a user names a model: {@code hf:ORG/NAME[@REVISION][:FILE.gguf]}, {@code
 * pip:NAME[==VERSION]}, {@code maven:GROUP:ARTIFACT:VERSION}, {@code file:PATH}, a path, or the
 * name of an installed or well-known model. {@code toString} gives the canonical spelling, which
 * parses to an equal reference.
 */
public sealed interface ModelRef {
  /** What {@link #parse} allows, for messages. */
  String ALLOWED =
      "hf:ORG/NAME[@REVISION][:FILE.gguf], pip:NAME[==VERSION], file:PATH, a path, or the name of"
          + " a model";

  /**
   * A repository of the hub.
   *
   * @param id {@code ORG/NAME}, or {@code NAME} alone for the hub's oldest ones
   * @param revision branch, tag or commit
   * @param file one GGUF file of it, null for the repository's safetensors
   */
  record Hub(String id, String revision, @Nullable String file) implements ModelRef {
    static final String MAIN = "main";

    /** The repository's last part. */
    String name() {
      return id.substring(id.indexOf('/') + 1);
    }

    @Override
    public String toString() {
      return "hf:"
          + id
          + (revision.equals(MAIN) ? "" : "@" + revision)
          + (file == null ? "" : ":" + file);
    }
  }

  /**
   * A package of the Python index that carries a model file.
   *
   * @param name as the index spells it: lower case, dashes
   * @param version null for the newest
   */
  record Pip(String name, @Nullable String version) implements ModelRef {
    @Override
    public String toString() {
      return "pip:" + name + (version == null ? "" : "==" + version);
    }
  }

  /** An artifact of a Maven repository that carries a model. */
  record Maven(String group, String artifact, String version) implements ModelRef {
    @Override
    public String toString() {
      return "maven:" + group + ":" + artifact + ":" + version;
    }
  }

  /**
   * A model that comes with Otium.
   *
   * @param name of its file, without {@code .gguf}
   */
  record Bundled(String name) implements ModelRef {
    @Override
    public String toString() {
      return "otium:" + name;
    }
  }

  /** A model file, a folder of one, or a wheel, on this machine. */
  record LocalFile(Path path) implements ModelRef {
    @Override
    public String toString() {
      // A last blank would be taken for one around the reference.
      String text = path.toString();
      return "file:" + text + (text.equals(text.stripTrailing()) ? "" : "/");
    }
  }

  /** The name of an installed model or of one that Otium knows where to find. */
  record Named(String name) implements ModelRef {
    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * Reads a reference.
   *
   * @throws PullException if it is none, with what is allowed
   */
  static ModelRef parse(String text) {
    String trimmed = text.strip();
    if (trimmed.isEmpty()) {
      throw new PullException("No model is named; allowed are " + ALLOWED);
    }
    if (trimmed.length() > 1000 || trimmed.chars().anyMatch(Character::isISOControl)) {
      throw new PullException(
          "The model's name is too long or has control characters in it; allowed are " + ALLOWED);
    }
    Matcher scheme = Grammar.SCHEME.matcher(trimmed);
    if (!scheme.lookingAt()) {
      return Grammar.nameOrPath(trimmed);
    }
    String rest = trimmed.substring(scheme.end());
    return switch (scheme.group(1).toLowerCase(Locale.ROOT)) {
      case "hf" -> Grammar.hub(trimmed, rest);
      case "pip" -> Grammar.pip(trimmed, rest);
      case "maven" -> Grammar.maven(trimmed, rest);
      case "file" -> Grammar.file(trimmed, rest);
      case "otium" -> Grammar.bundled(trimmed, rest);
      default ->
          throw new PullException(
              "'%s' names no source of models: '%s:' is unknown; allowed are %s"
                  .formatted(trimmed, scheme.group(1), ALLOWED));
    };
  }

  /** The parts of {@link #parse}. */
  final class Grammar {
    private Grammar() {}

    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+]{1,20}):");
    private static final String WORD = "[A-Za-z0-9_][A-Za-z0-9._-]{0,95}";
    static final Pattern HUB_ID = Pattern.compile(WORD + "(/" + WORD + ")?");
    private static final Pattern REVISION = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._/-]{0,255}");
    private static final Pattern PACKAGE =
        Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,126}[A-Za-z0-9])?");
    private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.!+_-]{0,63}");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    private static ModelRef hub(String whole, String rest) {
      String id = rest;
      String file = null;
      int colon = rest.indexOf(':');
      if (colon >= 0) {
        id = rest.substring(0, colon);
        file = rest.substring(colon + 1);
      }
      String revision = Hub.MAIN;
      int at = id.indexOf('@');
      if (at >= 0) {
        revision = id.substring(at + 1);
        id = id.substring(0, at);
      } else if (file == null && isGguf(id) && id.chars().filter(c -> c == '/').count() >= 2) {
        int second = id.indexOf('/', id.indexOf('/') + 1);
        file = id.substring(second + 1);
        id = id.substring(0, second);
      }
      if (!HUB_ID.matcher(id).matches() || id.contains("..")) {
        throw refused(whole, "'%s' is no repository".formatted(id), "hf:ORG/NAME");
      }
      if (!REVISION.matcher(revision).matches() || revision.contains("..")) {
        throw refused(whole, "'%s' is no revision".formatted(revision), "hf:ORG/NAME@main");
      }
      if (file != null && (!isGguf(file) || !SafeName.isSafe(file))) {
        throw refused(
            whole, "'%s' is no GGUF file of a repository".formatted(file), "hf:ORG/NAME:FILE.gguf");
      }
      return new Hub(id, revision, file);
    }

    private static ModelRef pip(String whole, String rest) {
      String[] parts = rest.split("==", 2);
      String version = parts.length == 2 ? parts[1].strip() : null;
      String name = parts[0].strip();
      if (!PACKAGE.matcher(name).matches()) {
        throw refused(
            whole, "'%s' is no package name".formatted(name), "pip:NAME or pip:NAME==VERSION");
      }
      if (version != null && !VERSION.matcher(version).matches()) {
        throw refused(
            whole, "'%s' is no single version".formatted(version), "pip:NAME==1.2.3 or pip:NAME");
      }
      return new Pip(name.toLowerCase(Locale.ROOT).replaceAll("[-_.]+", "-"), version);
    }

    private static ModelRef maven(String whole, String rest) {
      String[] parts = rest.split(":", -1);
      boolean words = parts.length == 3;
      for (String part : parts) {
        words &= part.matches("[A-Za-z0-9_][A-Za-z0-9._-]*");
      }
      if (!words) {
        throw refused(whole, "three parts are needed", "maven:GROUP:ARTIFACT:VERSION");
      }
      return new Maven(parts[0], parts[1], parts[2]);
    }

    private static ModelRef bundled(String whole, String rest) {
      if (!NAME.matcher(rest).matches()) {
        throw refused(
            whole, "'%s' comes with no Otium".formatted(rest), BundledSource.OWN.toString());
      }
      return new Bundled(rest);
    }

    private static ModelRef file(String whole, String rest) {
      // file:///home/me/m.gguf and file:/home/me/m.gguf are the same file.
      String path = rest.startsWith("///") ? rest.substring(2) : rest;
      if (path.isBlank() || path.startsWith("//")) {
        throw refused(whole, "a path on this machine is needed", "file:PATH");
      }
      return new LocalFile(path(whole, path));
    }

    private static ModelRef nameOrPath(String text) {
      boolean path =
          text.contains("/") || text.contains("\\") || text.startsWith(".") || isGguf(text);
      if (path || text.equals("~")) {
        return new LocalFile(path(text, text));
      }
      if (!NAME.matcher(text).matches()) {
        throw new PullException(
            "'%s' is no name of a model; allowed are %s".formatted(text, ALLOWED));
      }
      return new Named(text);
    }

    private static Path path(String whole, String path) {
      try {
        if (path.equals("~") || path.startsWith("~/")) {
          String home = System.getProperty("user.home");
          return Path.of(home).resolve(path.substring(Math.min(2, path.length())));
        }
        return Path.of(path);
      } catch (InvalidPathException e) {
        throw new PullException("'%s' is no path on this machine".formatted(whole), e);
      }
    }

    static boolean isGguf(String name) {
      return name.toLowerCase(Locale.ROOT).endsWith(".gguf");
    }

    private static PullException refused(String whole, String why, String allowed) {
      return new PullException("'%s': %s; write %s".formatted(whole, why, allowed));
    }
  }
}
