package io.otium.app.server;

import java.util.List;
import java.util.Optional;

/** Names of models that are loaded when they are first asked for: what training made of others. */
public interface ModelNames {
  /** None. */
  ModelNames NONE =
      new ModelNames() {
        @Override
        public Optional<String> reference(String name) {
          return Optional.empty();
        }

        @Override
        public List<Named> all() {
          return List.of();
        }

        @Override
        public boolean delete(String name) {
          return false;
        }
      };

  /**
   * A model by a name of its own.
   *
   * @param reference what it is loaded by
   * @param base the model that it was made of
   * @param created seconds since 1970
   */
  record Named(String name, String reference, String base, long created) {}

  /** What a model of that name is loaded by; empty if it is none of these. */
  Optional<String> reference(String name);

  /** The models there are, newest first. */
  List<Named> all();

  /** Deletes a model's files, once it is unloaded; false if it is none of these. */
  boolean delete(String name);
}
