package io.otium.app.console;

import java.util.List;

/**
 * Calls of the server's API that can be copied and run as they are.
 *
 * @param language e.g. {@code Python}
 * @param id the language as part of an element's id
 * @param needs what must be installed first; empty for nothing
 */
public record ApiCalls(String language, String id, String needs, List<Call> calls) {
  /** One call. */
  public record Call(String id, String title, String code) {}

  /**
   * The calls in every language.
   *
   * @param address of the server, e.g. {@code http://localhost:8080}
   * @param keyed whether the server wants an API key, which is then read from the environment
   */
  static List<ApiCalls> all(String address, String model, boolean keyed) {
    String base = address + "/v1";
    return List.of(
        curl(base, model, keyed),
        python(base, model, keyed),
        javaScript(base, model, keyed),
        java(base, model, keyed));
  }

  private static ApiCalls curl(String base, String model, boolean keyed) {
    String key = keyed ? "\n  -H \"Authorization: Bearer $OTIUM_API_KEY\" \\" : "";
    String post =
        """
        curl -sN %s/%s \\%s
          -H "Content-Type: application/json" \\
          -d '%s'
        """;
    return new ApiCalls(
        "curl",
        "curl",
        "",
        List.of(
            new Call(
                "curl-chat",
                "Chat",
                post.formatted(
                    base,
                    "chat/completions",
                    key,
                    """
                    {
                        "model": "%s",
                        "messages": [{"role": "user", "content": "Say hello in Latin."}],
                        "max_tokens": 64
                      }\
                    """
                        .formatted(model))),
            new Call(
                "curl-stream",
                "Chat, word by word",
                post.formatted(
                    base,
                    "chat/completions",
                    key,
                    """
                    {
                        "model": "%s",
                        "messages": [{"role": "user", "content": "Say hello in Latin."}],
                        "stream": true,
                        "stream_options": {"include_usage": true}
                      }\
                    """
                        .formatted(model))),
            new Call(
                "curl-embed",
                "Embeddings",
                post.formatted(
                    base,
                    "embeddings",
                    key,
                    """
                    {"model": "%s", "input": ["otium", "negotium"]}\
                    """
                        .formatted(model)))));
  }

  private static ApiCalls python(String base, String model, boolean keyed) {
    String key = keyed ? "os.environ[\"OTIUM_API_KEY\"]" : "\"none\"";
    String start =
        """
        %sfrom openai import OpenAI

        client = OpenAI(base_url="%s", api_key=%s)
        """
            .formatted(keyed ? "import os\n\n" : "", base, key);
    return new ApiCalls(
        "Python",
        "python",
        "pip install openai",
        List.of(
            new Call(
                "python-chat",
                "Chat",
                start
                    + """

                    answer = client.chat.completions.create(
                        model="%s",
                        messages=[{"role": "user", "content": "Say hello in Latin."}],
                        max_tokens=64,
                    )
                    print(answer.choices[0].message.content)
                    """
                        .formatted(model)),
            new Call(
                "python-stream",
                "Chat, word by word",
                start
                    + """

                    stream = client.chat.completions.create(
                        model="%s",
                        messages=[{"role": "user", "content": "Say hello in Latin."}],
                        stream=True,
                    )
                    for chunk in stream:
                        if chunk.choices:
                            print(chunk.choices[0].delta.content or "", end="", flush=True)
                    """
                        .formatted(model)),
            new Call(
                "python-embed",
                "Embeddings",
                start
                    + """

                    result = client.embeddings.create(model="%s", input=["otium", "negotium"])
                    print(len(result.data[0].embedding))
                    """
                        .formatted(model))));
  }

  private static ApiCalls javaScript(String base, String model, boolean keyed) {
    String start =
        """
        import OpenAI from "openai";

        const client = new OpenAI({ baseURL: "%s", apiKey: %s });
        """
            .formatted(base, keyed ? "process.env.OTIUM_API_KEY" : "\"none\"");
    return new ApiCalls(
        "JavaScript",
        "javascript",
        "npm install openai",
        List.of(
            new Call(
                "javascript-chat",
                "Chat",
                start
                    + """

                    const answer = await client.chat.completions.create({
                      model: "%s",
                      messages: [{ role: "user", content: "Say hello in Latin." }],
                      max_tokens: 64,
                    });
                    console.log(answer.choices[0].message.content);
                    """
                        .formatted(model)),
            new Call(
                "javascript-stream",
                "Chat, word by word",
                start
                    + """

                    const stream = await client.chat.completions.create({
                      model: "%s",
                      messages: [{ role: "user", content: "Say hello in Latin." }],
                      stream: true,
                    });
                    for await (const chunk of stream) {
                      process.stdout.write(chunk.choices[0]?.delta?.content ?? "");
                    }
                    """
                        .formatted(model)),
            new Call(
                "javascript-embed",
                "Embeddings",
                start
                    + """

                    const result = await client.embeddings.create({
                      model: "%s",
                      input: ["otium", "negotium"],
                    });
                    console.log(result.data[0].embedding.length);
                    """
                        .formatted(model))));
  }

  private static ApiCalls java(String base, String model, boolean keyed) {
    String client =
        """
        OpenAIClient client =
            OpenAIOkHttpClient.builder()
                .baseUrl("%s")
                .apiKey(%s)
                .build();
        """
            .formatted(base, keyed ? "System.getenv(\"OTIUM_API_KEY\")" : "\"none\"");
    String imports =
        """
        import com.openai.client.OpenAIClient;
        import com.openai.client.okhttp.OpenAIOkHttpClient;
        import com.openai.models.%s;
        %s
        """;
    return new ApiCalls(
        "Java",
        "java",
        "com.openai:openai-java",
        List.of(
            new Call(
                "java-chat",
                "Chat",
                imports.formatted("chat.completions.ChatCompletionCreateParams", "")
                    + client
                    + """

                    var answer =
                        client.chat().completions()
                            .create(
                                ChatCompletionCreateParams.builder()
                                    .model("%s")
                                    .addUserMessage("Say hello in Latin.")
                                    .maxCompletionTokens(64)
                                    .build());
                    System.out.println(answer.choices().getFirst().message().content().orElse(""));
                    """
                        .formatted(model)),
            new Call(
                "java-stream",
                "Chat, word by word",
                imports.formatted("chat.completions.ChatCompletionCreateParams", "")
                    + client
                    + """

                    var question =
                        ChatCompletionCreateParams.builder()
                            .model("%s")
                            .addUserMessage("Say hello in Latin.")
                            .build();
                    try (var stream = client.chat().completions().createStreaming(question)) {
                      stream.stream()
                          .flatMap(chunk -> chunk.choices().stream())
                          .flatMap(choice -> choice.delta().content().stream())
                          .forEach(System.out::print);
                    }
                    """
                        .formatted(model)),
            new Call(
                "java-embed",
                "Embeddings",
                imports.formatted("embeddings.EmbeddingCreateParams", "import java.util.List;\n")
                    + client
                    + """

                    var result =
                        client.embeddings()
                            .create(
                                EmbeddingCreateParams.builder()
                                    .model("%s")
                                    .inputOfArrayOfStrings(List.of("otium", "negotium"))
                                    .build());
                    System.out.println(result.data().getFirst().embedding().size());
                    """
                        .formatted(model))));
  }
}
