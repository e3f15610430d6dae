#include "config/yaml.h"

#include <array>
#include <optional>
#include <span>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/guard.h"
#include "base/nearest.h"
#include "base/printable.h"

namespace sonde::config {
namespace {

/// A place in the file, from 1.
struct Place {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

Place place_of(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {.line = static_cast<std::uint32_t>(mark.line) + 1,
          .column = static_cast<std::uint32_t>(mark.column) + 1};
}

struct TreeNode {
  enum class Kind : std::uint8_t { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  Place place;
  std::string text;
  std::vector<TreeNode> children;  ///< Of a map: key, value, key, value, …
};

/// Builds the tree of a document from yaml-cpp's events.
///
/// Purpose.  yaml-cpp's own tree forgets duplicate keys and expands aliases; its events
/// tell both, with their places.
/// Failure.  Throws YAML::ParserException, as its caller does, at a broken limit.
class TreeBuilder final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    add(mark, TreeNode::Kind::kNull);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw YAML::ParserException(mark, "aliases (*name) are not supported; write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    add(mark, TreeNode::Kind::kScalar).text = value;
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse_anchor(mark, anchor);
    open(mark, TreeNode::Kind::kList);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse_anchor(mark, anchor);
    open(mark, TreeNode::Kind::kMap);
  }
  void OnMapEnd() override { close(); }

  /// The tree; after a fault, what was complete before it.
  TreeNode take() {
    while (!open_.empty()) close();
    return std::move(root_);
  }

 private:
  static void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor == 0) return;
    throw YAML::ParserException(mark, "anchors (&name) are not supported; write the value out");
  }

  TreeNode& add(const YAML::Mark& mark, TreeNode::Kind kind) {
    if (++nodes_ > kNodesMax) throw YAML::ParserException(mark, "more than 20000 values");
    TreeNode& slot = open_.empty() ? root_ : open_.back().children.emplace_back();
    slot.kind = kind;
    slot.place = place_of(mark);
    return slot;
  }

  void open(const YAML::Mark& mark, TreeNode::Kind kind) {
    if (open_.size() == kDepthMax) throw YAML::ParserException(mark, "nested too deeply");
    if (++nodes_ > kNodesMax) throw YAML::ParserException(mark, "more than 20000 values");
    open_.push_back({.kind = kind, .place = place_of(mark), .text = {}, .children = {}});
  }

  void close() {
    TreeNode done = std::move(open_.back());
    open_.pop_back();
    (open_.empty() ? root_ : open_.back().children.emplace_back()) = std::move(done);
  }

  std::vector<TreeNode> open_;
  TreeNode root_;
  std::size_t nodes_ = 0;
};

/// Turns a tree into assignments and faults.
class Reader {
 public:
  Reader(std::string_view source, Document& document) : source_(source), document_(document) {}

  void fault(Place place, std::string key, std::string problem, std::string advice = {}) {
    document_.faults.add({.source = std::string(source_),
                          .line = place.line,
                          .column = place.column,
                          .key = std::move(key),
                          .problem = std::move(problem),
                          .advice = std::move(advice)});
  }

  void read_root(const TreeNode& root) {
    if (root.kind == TreeNode::Kind::kNull) return;
    if (root.kind != TreeNode::Kind::kMap) {
      fault(root.place, {}, "is no mapping", "write keys and values, as `emf: {mode: inline}`");
      return;
    }
    Scope scope{.shown = {}, .common = true, .into = document_.common, .lines = {}};
    read_map(root, {}, scope);
  }

 private:
  /// The common part of the file, or that of one server.
  struct Scope {
    std::string shown;  ///< In front of keys in faults: "servers.NAME.".
    bool common;
    std::vector<Assignment>& into;
    std::map<std::string, std::uint32_t, std::less<>> lines;  ///< Of the keys seen.
  };

  /// Calls `use(key, key's place, value)` for each member that has a usable key.
  template <class Use>
  void each_member(const TreeNode& map, const std::string& shown, Use&& use) {
    // After a syntax error the last key may have no value.
    for (std::size_t i = 0; i + 1 < map.children.size(); i += 2) {
      const TreeNode& key = map.children[i];
      if (key.kind == TreeNode::Kind::kScalar && !key.text.empty()) {
        use(key.text, key.place, map.children[i + 1]);
      } else {
        fault(key.place, shown, "a key must be a name");
      }
    }
  }

  void read_map(const TreeNode& map, const std::string& prefix, Scope& scope) {
    each_member(map, scope.shown + prefix,
                [&](const std::string& name, Place place, const TreeNode& value) {
                  const std::string key = prefix + name;
                  if (repeated(key, place, scope)) return;
                  if (scope.common && key == "servers") {
                    read_servers(value);
                  } else if (const Field* field = find_field(key)) {
                    read_field(*field, place, value, scope);
                  } else if (is_section(key)) {
                    read_section(key, place, value, scope);
                  } else {
                    fault(place, shown(key, scope), "unknown key", did_you_mean(nearest_key(key)));
                  }
                });
  }

  bool repeated(const std::string& key, Place place, Scope& scope) {
    const auto [seen, first] = scope.lines.try_emplace(key, place.line);
    if (first) return false;
    fault(place, shown(key, scope), "is given twice",
          "the first is on line " + std::to_string(seen->second));
    return true;
  }

  void read_section(const std::string& key, Place place, const TreeNode& value, Scope& scope) {
    if (value.kind == TreeNode::Kind::kNull) return;  // All its lines are comments.
    if (value.kind == TreeNode::Kind::kMap) {
      read_map(value, key + '.', scope);
      return;
    }
    fault(place, shown(key, scope), "is a section", "write its keys indented on lines below");
  }

  void read_servers(const TreeNode& servers) {
    if (servers.kind == TreeNode::Kind::kNull) return;
    if (servers.kind != TreeNode::Kind::kMap) {
      fault(servers.place, "servers", "is no mapping", "write a server's name and its keys");
      return;
    }
    std::map<std::string, std::uint32_t> lines;
    each_member(servers, "servers",
                [&](const std::string& name, Place place, const TreeNode& value) {
                  const std::string label = "servers." + printable(name, 64);
                  const auto [seen, first] = lines.try_emplace(name, place.line);
                  if (!first) {
                    fault(place, label, "is given twice",
                          "the first is on line " + std::to_string(seen->second));
                    return;
                  }
                  read_server(name, label, value);
                });
  }

  void read_server(const std::string& name, const std::string& label, const TreeNode& value) {
    if (value.kind == TreeNode::Kind::kNull) return;
    if (value.kind != TreeNode::Kind::kMap) {
      fault(value.place, label, "is no mapping", "write the keys that differ for this server");
      return;
    }
    Scope scope{
        .shown = label + '.', .common = false, .into = document_.servers[name], .lines = {}};
    read_map(value, {}, scope);
  }

  void read_field(const Field& field, Place place, const TreeNode& value, Scope& scope) {
    if (!scope.common && field.key == "name") {
      fault(place, shown(field.key, scope), "cannot differ by server",
            "the name above it is the server's name");
      return;
    }
    if (field.never_in_file) {
      fault(place, shown(field.key, scope), "is a switch of the command line",
            "write " + flag_name(field) + " behind `sonde wrap`, or set " + variable_name(field));
      return;
    }
    Result<Value> read = read_value(field, value);
    if (!read) {
      const Place where = value.kind == TreeNode::Kind::kNull ? place : value.place;
      fault(where, shown(field.key, scope), read.error().message());
      return;
    }
    scope.into.push_back({.field = &field, .value = *std::move(read), .line = place.line});
  }

  static Result<Value> read_value(const Field& field, const TreeNode& value) {
    const bool list = field.type == Type::kList || field.type == Type::kListOfLists;
    if (value.kind == TreeNode::Kind::kNull) {
      return fail(Errc::kInvalidInput, "has no value; write " + describe_bounds(field));
    }
    if (list != (value.kind == TreeNode::Kind::kList)) {
      return fail(Errc::kInvalidInput, "has the wrong form; write " + describe_bounds(field));
    }
    if (field.type == Type::kListOfLists) return read_lists(field, value);
    if (field.type == Type::kList) return read_list(field, value);
    if (field.type == Type::kPath && !value.text.empty() && !value.text.starts_with('/') &&
        !value.text.starts_with("~/")) {
      // Relative to what?  Clients start their servers in any folder.
      return fail(Errc::kInvalidInput, "is a relative path; write " + describe_bounds(field));
    }
    return parse_value(field, value.text);
  }

  static std::optional<List> texts(const TreeNode& list) {
    if (list.kind != TreeNode::Kind::kList) return std::nullopt;
    List out;
    for (const TreeNode& item : list.children) {
      if (item.kind != TreeNode::Kind::kScalar) return std::nullopt;
      out.push_back(item.text);
    }
    return out;
  }

  static Result<Value> read_list(const Field& field, const TreeNode& value) {
    auto list = texts(value);
    if (!list) return fail(Errc::kInvalidInput, "has an entry that is no text");
    return check_list(field, *std::move(list));
  }

  static Result<Value> read_lists(const Field& field, const TreeNode& value) {
    ListOfLists lists;
    for (const TreeNode& inner : value.children) {
      auto list = texts(inner);
      if (!list) return fail(Errc::kInvalidInput, "has an entry that is no list of texts");
      lists.push_back(*std::move(list));
    }
    return check_lists(field, std::move(lists));
  }

  static std::string shown(std::string_view key, const Scope& scope) {
    return scope.shown + printable(key, 64);
  }

  /// By the whole key; else by its last part, for a key that lacks its section.
  static std::string_view nearest_key(const std::string& key) {
    if (key.size() > 64) return {};
    std::vector<std::string_view> names = {"servers"};
    for (const Field& field : fields()) {
      names.push_back(field.key);
      const std::size_t dot = field.key.find('.');
      if (dot != std::string_view::npos) names.push_back(field.key.substr(0, dot));
    }
    if (const std::string_view near = nearest(key, names); !near.empty()) return near;
    for (const Field& field : fields()) {
      const std::size_t dot = field.key.find('.');
      if (dot != std::string_view::npos && field.key.substr(dot + 1) == key) return field.key;
    }
    return {};
  }

  std::string_view source_;
  Document& document_;
};

}  // namespace

Document read_yaml(std::string_view text, std::string_view source) {
  Document document;
  Reader reader(source, document);
  if (text.size() > kTextBytesMax) {
    reader.fault({}, {}, "is larger than 1 MiB", "a configuration of this size is a mistake");
    return document;
  }

  TreeBuilder builder;
  const Status parsed = guard("read YAML", [&] {
    try {
      std::istringstream stream{std::string(text)};
      YAML::Parser parser(stream);
      if (parser.HandleNextDocument(builder) && parser) {
        reader.fault({}, {}, "holds a second document", "remove it and its `---`");
      }
    } catch (const YAML::Exception& e) {
      reader.fault(place_of(e.mark), {}, "not YAML: " + e.msg);
    }
  });
  if (!parsed) reader.fault({}, {}, parsed.error().message());
  reader.read_root(builder.take());
  return document;
}

}  // namespace sonde::config
