package io.otium.core.data;

import java.util.Map;

/**
 * A data set that experiments name.
 *
 * @param what one line on what it holds
 * @param origin where its files came from
 * @param reading how its files are read
 * @param source where a user gets it
 * @param files SHA-256 in hexadecimal of each file, by name
 */
public record DataSet(
    String name,
    String what,
    String origin,
    String licence,
    String reading,
    String source,
    Map<String, String> files) {
  public DataSet {
    files = Map.copyOf(files);
  }
}
