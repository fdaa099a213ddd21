package io.otium.app.cli.doctor;

import io.otium.app.bench.Peers;
import io.otium.app.bench.PeersFolder;
import io.otium.lm.hub.ModelStore;
import io.otium.lm.hub.OtiumHome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Models, browsers, and the peers that benchmarks compare with. */
public final class Tools {
  private static final List<String> BROWSERS =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

  private Tools() {}

  public static Finding models(Path home, String standard) {
    var facts = new Facts("models");
    var store = new ModelStore(new OtiumHome(home));
    var installed = facts.json.putArray("installed");
    List<String> ids = new ArrayList<>();
    store.list().forEach(model -> ids.add(model.id()));
    ids.forEach(installed::add);
    facts.line(ids.isEmpty() ? "none installed" : String.join(", ", ids));
    if (!ids.contains(standard)) {
      facts.weakness(
          "the default model is not installed; the first use will fetch it",
          "./otium pull " + standard);
    }
    for (String sentence : store.damaged()) {
      facts.failure(sentence, "./otium models rm ID, then ./otium pull it again");
    }
    return facts.found();
  }

  public static Finding browsers() {
    var facts = new Facts("browsers");
    List<String> found =
        BROWSERS.stream()
            .flatMap(name -> Facts.program(name).stream())
            .map(Path::toString)
            .distinct()
            .toList();
    found.forEach(facts.json.putArray("found")::add);
    facts.line(found.isEmpty() ? "no Chromium" : String.join(", ", found));
    if (found.isEmpty()) {
      facts.weakness(
          "no Chromium is installed; the console works in any browser, its tests need this one",
          "apt-get install chromium");
    }
    return facts.found();
  }

  /** What benchmarks would find. */
  public static Finding peers(PeersFolder folder) {
    var facts = new Facts("peers");
    facts.json.put("folder", folder.root().toString());
    for (Peers.State peer : Peers.states(folder)) {
      facts.json.put(peer.name(), peer.here());
      facts.line("%s: %s", peer.name(), peer.here() ? "here" : "not here");
    }
    facts.line("for ./otium bench, in %s", folder.root());
    return facts.found();
  }
}
