package io.otium.lm.hub;

import static io.otium.lm.hub.Wheels.ascii;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Proxy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProxyTest {
  @TempDir Path temp;
  private final FakeHub hub = new FakeHub();
  private final RecordingProxy proxy = new RecordingProxy(URI.create(hub.address()));
  private final Map<String, String> environment = new HashMap<>();

  @AfterEach
  void stop() {
    proxy.close();
    hub.close();
  }

  private InstalledModel pull() {
    hub.files.put("config.json", ascii("{\"model_type\":\"llama\"}"));
    hub.files.put("tokenizer.json", ascii("{}"));
    hub.files.put("model.safetensors", new byte[5000]);
    environment.put("OTIUM_PIP", "none");
    try (var client = Trust.client(environment, null, Offline.PATIENCE)) {
      Transport transport = new Transport(() -> client, Offline.PATIENCE, wait -> {});
      var models =
          new Models(
              new OtiumHome(temp),
              environment,
              Disk.REAL,
              new Downloads(transport, Disk.REAL, 1000),
              Clock.systemUTC());
      return models.pull("hf:Org/Name", ProgressListener.NONE);
    }
  }

  @Test
  void theHubIsAskedThroughTheProxyAndThisMachineIsNot() {
    environment.put("HTTP_PROXY", proxy.address());
    environment.put("HF_ENDPOINT", "http://hub.invalid:8000");
    assertThat(pull().id()).isEqualTo("name");
    assertThat(proxy.requests)
        .contains(
            "GET http://hub.invalid:8000/api/models/Org/Name/revision/main?blobs=true HTTP/1.1")
        .noneMatch(line -> line.contains("127.0.0.1")); // where the hub redirects to
  }

  @Test
  void httpsGoesThroughATunnelWithTheProxysPassword() {
    proxy.password = "me:s3cret p";
    environment.put("https_proxy", proxy.address().replace("http://", "http://me:s3cret%20p@"));
    environment.put("HF_ENDPOINT", "https://hub.invalid");
    // The tunnel leads to a server that speaks no TLS.
    assertThatThrownBy(this::pull)
        .isInstanceOf(PullException.class)
        .hasMessageContaining("hub.invalid cannot be reached through the proxy at 127.0.0.1:")
        .message()
        .doesNotContain("s3cret");
    assertThat(proxy.requests).contains("CONNECT hub.invalid:443 HTTP/1.1");
    assertThat(proxy.opened.get()).isPositive();
  }

  @Test
  void aProxyThatRefusesIsToldApartFromAServerThatIsDown() {
    proxy.password = "somebody:else";
    environment.put("HTTPS_PROXY", proxy.address());
    environment.put("HF_ENDPOINT", "https://hub.invalid");
    assertThatThrownBy(this::pull)
        .isInstanceOf(PullException.class)
        .hasMessageContaining("407")
        .hasMessageContaining("HTTPS_PROXY");
  }

  @Test
  void noProxyNamesHostsThatAreAskedDirectly() {
    environment.put("ALL_PROXY", proxy.address());
    environment.put("NO_PROXY", "example.org, .corp.example:8080,10.1.2.3");
    var proxies = new Proxies(environment);
    for (String direct :
        new String[] {
          "https://example.org/x",
          "https://hub.Example.org",
          "http://hub.corp.example:8080",
          "http://10.1.2.3:99/",
          "http://localhost:1",
          "http://127.0.0.1",
          "http://[::1]:80/"
        }) {
      assertThat(proxies.select(URI.create(direct))).as(direct).containsExactly(Proxy.NO_PROXY);
    }
    for (String asked :
        new String[] {"https://notexample.org", "http://hub.corp.example", "http://10.1.2.34"}) {
      assertThat(proxies.select(URI.create(asked)).getFirst().type())
          .as(asked)
          .isEqualTo(Proxy.Type.HTTP);
    }
    environment.put("no_proxy", "*");
    assertThat(new Proxies(environment).select(URI.create("https://notexample.org")))
        .containsExactly(Proxy.NO_PROXY);
  }

  @Test
  void anAddressThatIsNoProxyIsRefusedByTheVariablesName() {
    for (String wrong : new String[] {"socks5://me:pw@localhost:1080", "http://", "a b"}) {
      assertThatThrownBy(() -> new Proxies(Map.of("HTTPS_PROXY", wrong)))
          .isInstanceOf(PullException.class)
          .hasMessageContaining("HTTPS_PROXY")
          .hasMessageContaining("http://[USER:PASSWORD@]HOST:PORT")
          .message()
          .doesNotContain("pw");
    }
  }
}
