package io.otium.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import org.junit.jupiter.api.Test;

final class LlamaOutputTest {
  @Test
  void llamaBenchGivesTheMedianOfEachTest() {
    String json =
        """
        [
          {"build_commit": "unknown", "n_prompt": 512, "n_gen": 0, "n_depth": 0,
           "avg_ts": 700.0, "samples_ts": [ 600.5, 701.25, 799.0 ]},
          {"n_prompt": 0, "n_gen": 128, "n_depth": 1536, "samples_ts": [ 90.0, 100.0 ]}
        ]
        """;
    assertThat(LlamaOutput.bench(json))
        .containsExactly(entry("prefill 512", 701.25), entry("decode 128 after 1,536", 95.0));
  }

  @Test
  void whatIsNoReportIsQuoted() {
    assertThatThrownBy(() -> LlamaOutput.bench("error: invalid parameter\n"))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("error: invalid parameter");
    assertThatThrownBy(() -> LlamaOutput.bench("[]"))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("no tests");
  }

  @Test
  void llamaPerplexitysMeanDivergenceIsFound() {
    String out =
        """
        Mean PPL(Q)                   :  20.123456 ±   0.500000

        ====== KL divergence statistics ======
        Mean    KLD:   0.001234 ±   0.000056
        Maximum KLD:   0.123456
        Median  KLD:   0.000900
        """;
    assertThat(LlamaOutput.meanKl(out)).isEqualTo(0.001234);
    assertThatThrownBy(() -> LlamaOutput.meanKl("failed to open base\n"))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("failed to open base");
  }
}
