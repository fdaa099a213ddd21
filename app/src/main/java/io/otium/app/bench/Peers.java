package io.otium.app.bench;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The systems that benchmarks compare with. A new one is a class and a line here. */
public final class Peers {
  private Peers() {}

  static List<Peer> all(PeersFolder folder) {
    return List.of(
        new LlamaCpp(folder),
        new Transformers(folder, Processor.here()),
        new Peft(folder),
        new Trl(folder),
        new OpenVino(folder),
        new Jlama(folder));
  }

  /**
   * The peers of these names; all if there are none, none if the only name is {@code none}.
   *
   * @throws IllegalArgumentException for a name that no peer has
   */
  static List<Peer> named(PeersFolder folder, List<String> names) {
    List<Peer> all = all(folder);
    if (names.isEmpty()) return all;
    if (names.equals(List.of("none"))) return List.of();
    List<String> known = all.stream().map(Contestant::name).toList();
    for (String name : names) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "there is no peer '%s'; allowed are %s, or none"
                .formatted(name, String.join(", ", known)));
      }
    }
    return all.stream().filter(peer -> names.contains(peer.name())).toList();
  }

  /**
   * Fetches those of these names that are not here; all if there are none.
   *
   * @throws IllegalArgumentException for a name that no peer has
   * @throws BenchException if that fails, with where its log is
   */
  public static void install(PeersFolder folder, List<String> names, Consumer<String> progress)
      throws IOException {
    var into = new Installation(folder, progress);
    for (Peer peer : named(folder, names)) {
      if (peer.missing().isPresent()) {
        peer.install(into);
      } else {
        progress.accept(peer.name() + " is here already");
      }
    }
  }

  /**
   * Whether a peer can be measured here.
   *
   * @param missing what is missing; empty if nothing is
   * @param fix how to mend it; empty if nothing is missing
   */
  public record State(String name, boolean here, String missing, String fix) {}

  /** Every peer, and whether it is here. */
  public static List<State> states(PeersFolder folder) {
    return all(folder).stream().map(Peers::state).toList();
  }

  private static State state(Peer peer) {
    Optional<Contestant.Missing> missing = peer.missing();
    return new State(
        peer.name(),
        missing.isEmpty(),
        missing.map(Contestant.Missing::what).orElse(""),
        missing.map(Contestant.Missing::fix).orElse(""));
  }
}
