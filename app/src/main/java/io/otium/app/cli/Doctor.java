package io.otium.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.app.bench.PeersFolder;
import io.otium.app.cli.doctor.Finding;
import io.otium.app.cli.doctor.Platform;
import io.otium.app.cli.doctor.Speed;
import io.otium.app.cli.doctor.Tools;
import io.otium.lm.LanguageModel;
import io.otium.lm.LoadOptions;
import io.otium.lm.Model;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code otium doctor}: what this machine has and what is missing. */
@Command(
    description = {
      "Says what this machine has for Otium and what is missing, with a way to mend it.",
      "Exit code 1 if something does not work."
    })
final class Doctor implements Verb {
  private final Cli cli;

  @Option(names = "--quick", description = "measure nothing: only look")
  boolean quick;

  @Option(
      names = "--measure",
      description = "choose the kernels anew, by measurement, for every model when it is next used")
  boolean measure;

  @Mixin Common common;

  Doctor(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() throws IOException {
    if (quick && measure) throw new Usage("--quick measures nothing; leave it out, or --measure");
    if (measure) Model.forgetKernels();
    if (!quick && cli.noticing()) cli.err().println("measuring, this takes some seconds …");
    List<Finding> findings = new ArrayList<>();
    findings.add(Platform.java());
    findings.add(Platform.cpu(!quick));
    findings.add(Platform.memory());
    findings.add(Platform.disk(cli.home()));
    findings.add(Tools.models(cli.home(), ModelFlags.DEFAULT_MODEL));
    findings.add(Speed.kernels(quick ? null : this::installed));
    findings.add(Tools.browsers());
    findings.add(Tools.peers(PeersFolder.of("", System.getenv(), cli.home())));
    List<Finding.Problem> problems =
        findings.stream().flatMap(finding -> finding.problems().stream()).toList();
    boolean ok = problems.stream().noneMatch(Finding.Problem::serious);
    if (common.json) {
      Json.print(cli, json(findings, problems, ok));
    } else {
      print(findings, problems);
    }
    return ok ? 0 : 1;
  }

  /** The default model, if it is there: a doctor fetches nothing. */
  private @Nullable LanguageModel installed() {
    return cli.models().store().find(ModelFlags.DEFAULT_MODEL).isEmpty()
        ? null
        : cli.load(new Cli.LoadRequest(ModelFlags.DEFAULT_MODEL, LoadOptions.defaults()));
  }

  private static ObjectNode json(
      List<Finding> findings, List<Finding.Problem> problems, boolean ok) {
    ObjectNode root = Json.MAPPER.createObjectNode().put("ok", ok);
    findings.forEach(finding -> root.set(finding.part(), finding.facts()));
    root.set("problems", Json.MAPPER.<JsonNode>valueToTree(problems));
    return root;
  }

  private void print(List<Finding> findings, List<Finding.Problem> problems) {
    for (Finding finding : findings) {
      String name = finding.part();
      for (String line : finding.lines()) {
        cli.out().printf("%-9s %s%n", name, line);
        name = "";
      }
    }
    cli.out().println();
    if (problems.isEmpty()) cli.out().println("All is well.");
    for (Finding.Problem problem : problems) {
      cli.out()
          .printf("%s %s%n  → %s%n", problem.serious() ? "✗" : "!", problem.what(), problem.fix());
    }
  }
}
