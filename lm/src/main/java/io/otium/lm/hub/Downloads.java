package io.otium.lm.hub;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;

/** The files of a pull, several at once over a few connections. */
final class Downloads {
  private static final int CONNECTIONS = 6;

  /** Space that is left alone. */
  private static final long MARGIN = 16L << 20;

  final Transport transport;
  private final Disk disk;
  private final long leastRange;

  Downloads(Transport transport, Disk disk, long leastRange) {
    this.transport = transport;
    this.disk = disk;
    this.leastRange = leastRange;
  }

  /**
   * Fetches files into a folder, those that an earlier try finished not again.
   *
   * @param source for the listener
   * @param besides bytes that will be needed on the disk beside the files
   */
  void fetch(
      String source, List<RemoteFile> files, Path folder, long besides, ProgressListener listener)
      throws IOException {
    Files.createDirectories(folder);
    Semaphore connections = new Semaphore(CONNECTIONS);
    List<ProgressListener.FileSize> sizes = new ArrayList<>();
    List<Callable<String>> tasks = new ArrayList<>();
    long missing = besides;
    for (RemoteFile file : files) {
      Path target = SafeName.in(folder, file.name(), file.uri().getHost());
      Download download =
          new Download(transport, disk, connections, leastRange, file, target, listener);
      sizes.add(new ProgressListener.FileSize(file.name(), file.size()));
      missing += Math.max(0, file.size() - download.arrived());
      tasks.add(
          () -> {
            download.run();
            return file.name();
          });
    }
    listener.onStart(source, sizes);
    disk.require(folder, missing + (missing > MARGIN ? MARGIN : 0));
    if (!tasks.isEmpty()) {
      Parallel.run(tasks);
    }
  }

  /**
   * A server's address from a setting.
   *
   * @param setting where it came from, for the message
   */
  static URI server(String address, String setting) {
    try {
      URI uri = URI.create(address);
      if (("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
          && uri.getHost() != null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // said below, without the address: it may hold a password
    }
    throw new PullException(setting + " is no address; write one such as https://host/path");
  }
}
