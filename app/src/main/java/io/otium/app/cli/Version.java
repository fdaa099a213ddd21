package io.otium.app.cli;

/** What {@code --version} says. */
final class Version {
  private Version() {}

  static String number() {
    String built = Version.class.getPackage().getImplementationVersion();
    return built == null ? "development" : built;
  }

  static String line() {
    return "otium %s (Java %s)".formatted(number(), Runtime.version());
  }
}
