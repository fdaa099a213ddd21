package io.otium.core.checkpoint;

/**
 * A file as it was written.
 *
 * @param file its name in the folder
 * @param length in bytes
 * @param crc32c checksum of all its bytes, in hexadecimal
 */
record FileRecord(String file, long length, String crc32c) {
  static String hex(long crc) {
    return String.format("%08x", crc);
  }
}
