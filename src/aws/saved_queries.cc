#include "aws/saved_queries.h"

#include <string>

#include "aws/template_parts_internal.h"
#include "aws/wording.h"

namespace sonde::aws {

Resources query_resources() {
  const Wording wording = template_wording();
  Resources out;
  for (const SavedQuery& query : kSavedQueries) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("Type", "AWS::Logs::QueryDefinition");
    json.key("Properties").begin_object();
    append_text(json.key("Name"), "mcp" + wording.suffix + '/' + std::string(query.name));
    json.member("QueryString", query.text).key("LogGroupNames").begin_array();
    append_ref(json, log_group_id(0));
    json.end_array().end_object().end_object();
    out.push_back({.id = "Query" + std::string(query.id), .json = std::move(text)});
  }
  return out;
}

}  // namespace sonde::aws
