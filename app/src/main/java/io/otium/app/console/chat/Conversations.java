package io.otium.app.console.chat;

import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Conversations and their messages in the database. Safe for use by many threads. */
public final class Conversations {
  private static final int LONGEST_TITLE = 60;

  private final Database database;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  public Conversations(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
    database.transaction(
        connection ->
            update(
                connection,
                "UPDATE message SET state = ? WHERE state = ?",
                Message.State.INTERRUPTED.stored(),
                Message.State.WRITING.stored()));
  }

  /** Starts a conversation named after its first message. */
  public Conversation create(String firstMessage, String model, String system, String settings) {
    byte[] bytes = new byte[8];
    random.nextBytes(bytes);
    String id = HexFormat.of().formatHex(bytes);
    long now = clock.millis();
    database.transaction(
        connection ->
            update(
                connection,
                "INSERT INTO conversation VALUES (?, ?, ?, ?, ?, NULL, ?, ?)",
                id,
                title(firstMessage),
                model,
                system,
                settings,
                now,
                now));
    return find(id).orElseThrow();
  }

  public Optional<Conversation> find(String id) {
    return database
        .transaction(
            connection -> conversations(connection, "SELECT * FROM conversation WHERE id = ?", id))
        .stream()
        .findFirst();
  }

  /** The latest conversations, newest first, whose title or messages hold the words. */
  public List<Conversation> search(String words) {
    String pattern =
        "%" + words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%";
    return database.transaction(
        connection ->
            conversations(
                connection,
                """
                SELECT * FROM conversation c
                WHERE title LIKE ? ESCAPE '\\'
                   OR EXISTS (SELECT 1 FROM message m
                              WHERE m.conversation = c.id AND m.content LIKE ? ESCAPE '\\')
                ORDER BY updated DESC LIMIT 200
                """,
                pattern,
                pattern));
  }

  public List<Conversation> latest() {
    return database.transaction(
        connection ->
            conversations(
                connection, "SELECT * FROM conversation ORDER BY updated DESC LIMIT 200"));
  }

  public void rename(String id, String title) {
    database.transaction(
        connection ->
            update(connection, "UPDATE conversation SET title = ? WHERE id = ?", title(title), id));
  }

  public void configure(String id, String model, String system, String settings) {
    database.transaction(
        connection ->
            update(
                connection,
                "UPDATE conversation SET model = ?, system = ?, settings = ? WHERE id = ?",
                model,
                system,
                settings,
                id));
  }

  public void delete(String id) {
    database.transaction(
        connection -> update(connection, "DELETE FROM conversation WHERE id = ?", id));
  }

  /** Adds a message and shows the branch that ends with it. */
  public Message append(
      String conversation,
      @Nullable Long parent,
      String role,
      String content,
      Message.State state) {
    long now = clock.millis();
    return database.transaction(
        connection -> {
          update(
              connection,
              "INSERT INTO message (conversation, parent, role, content, state, figures, created)"
                  + " VALUES (?, ?, ?, ?, ?, '{}', ?)",
              conversation,
              parent,
              role,
              content,
              state.stored(),
              now);
          long id;
          try (var statement = connection.prepareStatement("SELECT last_insert_rowid()");
              ResultSet row = statement.executeQuery()) {
            id = row.getLong(1);
          }
          update(
              connection,
              "UPDATE conversation SET leaf = ?, updated = ? WHERE id = ?",
              id,
              now,
              conversation);
          return new Message(id, conversation, parent, role, content, state, Figures.NONE, now);
        });
  }

  /** Writes what an answer has become; an answer that has ended is not changed any more. */
  public void write(long message, String content, Message.State state, Figures figures) {
    database.transaction(
        connection ->
            update(
                connection,
                "UPDATE message SET content = ?, state = ?, figures = ? WHERE id = ? AND state = ?",
                content,
                state.stored(),
                figures.stored(),
                message,
                Message.State.WRITING.stored()));
  }

  public Optional<Message> message(long id) {
    return database
        .transaction(connection -> messages(connection, "SELECT * FROM message WHERE id = ?", id))
        .stream()
        .findFirst();
  }

  /** The branch that is shown, first message first. */
  public List<Turn> branch(Conversation conversation) {
    return branch(tree(conversation.id()), conversation.leaf());
  }

  /** The messages from the first one to this one. */
  public List<Message> history(Message last) {
    return branch(tree(last.conversation()), last.id()).stream().map(Turn::message).toList();
  }

  /** Shows the branch through a message, down to the newest answer below it. */
  public void choose(Message message) {
    List<Message> tree = tree(message.conversation());
    long leaf = message.id();
    for (long child = newestChild(tree, leaf); child != leaf; child = newestChild(tree, leaf)) {
      leaf = child;
    }
    long chosen = leaf;
    database.transaction(
        connection ->
            update(
                connection,
                "UPDATE conversation SET leaf = ? WHERE id = ?",
                chosen,
                message.conversation()));
  }

  private static long newestChild(List<Message> tree, long parent) {
    return tree.stream()
        .filter(message -> message.parent() != null && message.parent() == parent)
        .mapToLong(Message::id)
        .max()
        .orElse(parent);
  }

  private List<Message> tree(String conversation) {
    return database.transaction(
        connection ->
            messages(
                connection,
                "SELECT * FROM message WHERE conversation = ? ORDER BY id",
                conversation));
  }

  private static List<Turn> branch(List<Message> tree, @Nullable Long leaf) {
    Map<Long, Message> byId = new HashMap<>();
    tree.forEach(message -> byId.put(message.id(), message));
    Deque<Turn> turns = new ArrayDeque<>();
    Message message = leaf == null ? null : byId.get(leaf);
    while (message != null) {
      turns.addFirst(turn(tree, message));
      message = message.parent() == null ? null : byId.get(message.parent());
    }
    return List.copyOf(turns);
  }

  private static Turn turn(List<Message> tree, Message message) {
    List<Long> siblings =
        tree.stream()
            .filter(other -> Objects.equals(other.parent(), message.parent()))
            .map(Message::id)
            .toList();
    int place = siblings.indexOf(message.id());
    return new Turn(
        message,
        place + 1,
        siblings.size(),
        place == 0 ? null : siblings.get(place - 1),
        place == siblings.size() - 1 ? null : siblings.get(place + 1));
  }

  static String title(String text) {
    String line = text.strip().lines().findFirst().orElse("").strip();
    if (line.isEmpty()) {
      return "Untitled";
    }
    if (line.codePointCount(0, line.length()) <= LONGEST_TITLE) {
      return line;
    }
    String cut = line.substring(0, line.offsetByCodePoints(0, LONGEST_TITLE - 1));
    int space = cut.lastIndexOf(' ');
    return (space > LONGEST_TITLE / 2 ? cut.substring(0, space) : cut) + "…";
  }

  private static int update(Connection connection, String sql, @Nullable Object... values)
      throws SQLException {
    try (PreparedStatement statement = prepare(connection, sql, values)) {
      return statement.executeUpdate();
    }
  }

  private static PreparedStatement prepare(
      Connection connection, String sql, @Nullable Object... values) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    return statement;
  }

  private static List<Conversation> conversations(
      Connection connection, String sql, @Nullable Object... values) throws SQLException {
    List<Conversation> list = new ArrayList<>();
    try (PreparedStatement statement = prepare(connection, sql, values);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        list.add(
            new Conversation(
                row.getString("id"),
                row.getString("title"),
                row.getString("model"),
                row.getString("system"),
                row.getString("settings"),
                nullableLong(row, "leaf"),
                row.getLong("updated")));
      }
    }
    return list;
  }

  private static List<Message> messages(
      Connection connection, String sql, @Nullable Object... values) throws SQLException {
    List<Message> list = new ArrayList<>();
    try (PreparedStatement statement = prepare(connection, sql, values);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        list.add(
            new Message(
                row.getLong("id"),
                row.getString("conversation"),
                nullableLong(row, "parent"),
                row.getString("role"),
                row.getString("content"),
                Message.State.read(row.getString("state")),
                Figures.read(row.getString("figures")),
                row.getLong("created")));
      }
    }
    return list;
  }

  private static @Nullable Long nullableLong(ResultSet row, String column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? null : value;
  }
}
