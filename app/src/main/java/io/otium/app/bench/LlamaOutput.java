package io.otium.app.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what llama.cpp's programs print. */
final class LlamaOutput {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final Pattern MEAN_KL =
      Pattern.compile("(?m)^Mean\\s+KLD:\\s+(-?[0-9.]+(?:e[+-]?[0-9]+)?)");

  private LlamaOutput() {}

  /**
   * Rows from {@code llama-bench -o json}: the median of each test's repetitions.
   *
   * @throws BenchException if it is something else
   */
  static Map<String, Double> bench(String json) {
    try {
      Map<String, Double> rows = new LinkedHashMap<>();
      for (JsonNode test : MAPPER.readTree(json)) {
        int prompt = test.path("n_prompt").asInt();
        int answer = test.path("n_gen").asInt();
        double[] samples =
            test.path("samples_ts").valueStream().mapToDouble(JsonNode::asDouble).toArray();
        if (samples.length == 0) throw new BenchException("llama-bench gave a test no samples");
        String label =
            answer == 0
                ? Speeds.label(prompt, 0)
                : Speeds.label(answer, test.path("n_depth").asInt());
        rows.put(label, Median.of(samples));
      }
      if (rows.isEmpty()) throw new BenchException("llama-bench printed no tests");
      return rows;
    } catch (JsonProcessingException e) {
      throw new BenchException("llama-bench printed no JSON: " + Command.lastLine(json), e);
    }
  }

  /**
   * The mean Kullback–Leibler divergence from {@code llama-perplexity --kl-divergence}, in nats.
   *
   * @throws BenchException if there is none
   */
  static double meanKl(String out) {
    Matcher found = MEAN_KL.matcher(out);
    if (!found.find()) {
      throw new BenchException(
          "llama-perplexity printed no mean KLD but: " + Command.lastLine(out));
    }
    return Double.parseDouble(found.group(1));
  }
}
