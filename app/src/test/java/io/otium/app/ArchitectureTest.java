package io.otium.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rooms' borders: each may use those before it, none those after it. */
class ArchitectureTest {
  private static final List<String> ROOMS = List.of("core", "lm", "serve", "papers", "app");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.otium");

  @Test
  void everyRoomIsThere() {
    for (String room : ROOMS) {
      assertThat(CLASSES.stream().anyMatch(c -> c.getPackageName().startsWith("io.otium." + room)))
          .as(room)
          .isTrue();
    }
  }

  @Test
  void noRoomUsesOneThatBuildsOnIt() {
    for (int room = 0; room < ROOMS.size() - 1; room++) {
      String[] later =
          ROOMS.subList(room + 1, ROOMS.size()).stream()
              .map(name -> "io.otium." + name + "..")
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage("io.otium." + ROOMS.get(room) + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(later)
          .check(CLASSES);
    }
  }

  @Test
  void libtorchIsBehindTwoDoors() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.otium.core.torch..", "io.otium.core.tensor..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.bytedeco..")
        .check(CLASSES);
  }

  @Test
  void kernelsAreTheTwoExecutorsOwn() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.otium.lm.engine..", "io.otium.lm.model..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.otium.lm.engine.kernel..")
        .check(CLASSES);
  }
}
