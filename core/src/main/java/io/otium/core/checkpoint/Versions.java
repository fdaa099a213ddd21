package io.otium.core.checkpoint;

/** Versions of checkpoints grow. */
final class Versions {
  private Versions() {}

  /**
   * @throws IllegalArgumentException unless {@code version} is larger than the last one
   */
  static long next(long last, long version) {
    if (version <= last || version < 0 || version > 999_999_999_999_999_999L) {
      throw new IllegalArgumentException(
          "a checkpoint's version must be larger than the last one's ("
              + last
              + "), not "
              + version);
    }
    return version;
  }
}
