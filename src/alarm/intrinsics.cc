#include <algorithm>
#include <array>
#include <utility>

#include "alarm/check_internal.h"
#include "alarm/intrinsics_internal.h"
#include "alarm/intrinsics_parts_internal.h"
#include "base/json_reader.h"

namespace sonde::alarm {
namespace {

constexpr std::string_view kNoValue = "AWS::NoValue";

/// The property that names a resource, where Ref gives that name.
std::string_view name_property(std::string_view type) {
  constexpr auto kProperties = std::to_array<std::pair<std::string_view, std::string_view>>(
      {{"AWS::CloudWatch::Alarm", "AlarmName"},
       {"AWS::CloudWatch::CompositeAlarm", "AlarmName"},
       {"AWS::CloudWatch::Dashboard", "DashboardName"},
       {"AWS::Logs::LogGroup", "LogGroupName"},
       {"AWS::SNS::Topic", "TopicName"}});
  for (const auto& [known, property] : kProperties) {
    if (known == type) return property;
  }
  return {};
}

/// "a, b" as an array of texts.
std::string list_text(std::string_view rest) {
  std::string out = "[";
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    std::string_view one = rest.substr(0, end);
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    out.append(out.size() == 1 ? "" : ",").append(quoted(one));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out + "]";
}

}  // namespace

Result<Intrinsics> Intrinsics::make(std::string_view json, const TemplateParameters& parameters) {
  if (json.size() > kTemplateBytesMax) {
    return fail(Errc::kLimitExceeded, "template: larger than 1 MiB, which CloudFormation refuses");
  }
  Intrinsics made;
  made.pseudo_ = {{"AWS::AccountId", "123456789012"}, {"AWS::Partition", "aws"},
                  {"AWS::Region", "us-east-1"},       {"AWS::StackName", "stack"},
                  {"AWS::StackId", "stack"},          {"AWS::URLSuffix", "amazonaws.com"}};
  std::string_view parameter_section = "{}";
  std::string_view resource_section;
  JsonMembers members(json);
  while (members.next()) {
    if (key_equals(members.key(), "Parameters")) parameter_section = members.value();
    if (key_equals(members.key(), "Resources")) resource_section = members.value();
    if (!key_equals(members.key(), "Conditions")) continue;
    JsonMembers conditions(members.value());
    while (conditions.next()) made.conditions_[unescaped(conditions.key())] = conditions.value();
    if (!conditions.ok()) return invalid("template: `Conditions` is no object");
  }
  if (!members.ok()) return invalid("template: not one JSON object");
  SONDE_RETURN_IF_ERROR(made.read_parameters(parameter_section, parameters));
  SONDE_RETURN_IF_ERROR(made.read_resources(resource_section));
  return made;
}

Status Intrinsics::read_parameters(std::string_view section, const TemplateParameters& given) {
  JsonMembers members(section);
  while (members.next()) {
    Parameter parameter;
    const std::string type =
        json_string(find_member(members.value(), "Type").value_or("")).value_or("");
    parameter.list = type == "CommaDelimitedList" || type.starts_with("List<");
    if (const auto raw = find_member(members.value(), "Default")) {
      const bool is_text = raw->starts_with('"');
      parameter.value = is_text ? json_string(*raw).value_or("") : std::string(*raw);
    }
    parameters_[unescaped(members.key())] = std::move(parameter);
  }
  if (!members.ok()) return invalid("template: `Parameters` is no object");
  const std::vector<std::string_view> known = keys_of(parameters_);
  for (const auto& [name, text] : given) {
    if (const auto pseudo = pseudo_.find(name); pseudo != pseudo_.end()) {
      pseudo->second = text;
      continue;
    }
    const auto found = parameters_.find(name);
    if (found == parameters_.end()) {
      return invalid("template: has no parameter " + with_nearest(name, known));
    }
    found->second.value = text;
  }
  return {};
}

Status Intrinsics::read_resources(std::string_view section) {
  JsonMembers members(section);
  while (members.next()) {
    Resource resource;
    JsonMembers parts(members.value());
    while (parts.next()) {
      const std::string_view raw = parts.value();
      if (parts.key() == "Type" && raw.size() > 1) resource.type = raw.substr(1, raw.size() - 2);
      if (parts.key() == "Properties") resource.properties = raw;
      if (parts.key() == "Condition") resource.condition = json_string(raw);
    }
    std::string name = unescaped(members.key());
    if (!parts.ok()) return invalid("resource `" + name + "`: no object");
    resources_[std::move(name)] = std::move(resource);
  }
  if (!members.ok()) return invalid("template: `Resources` is no object");
  return {};
}

Result<std::string> Intrinsics::resolve(std::string_view raw) {
  spent_ = 0;
  return value(raw);
}

Status Intrinsics::spend(std::size_t bytes) {
  spent_ += bytes;
  if (spent_ <= kResolvedMax) return {};
  return fail(Errc::kLimitExceeded, "its functions make more than 1 MiB of text");
}

Result<std::string> Intrinsics::value(std::string_view raw) {
  if (depth_ >= kDepthMax) return invalid("functions nest too deeply");
  const Level level(depth_);
  SONDE_RETURN_IF_ERROR(spend(1));
  if (raw.starts_with('{')) return object(raw);
  if (raw.starts_with('[')) return array(raw);
  SONDE_RETURN_IF_ERROR(spend(raw.size()));
  return std::string(raw);
}

Result<std::string> Intrinsics::object(std::string_view raw) {
  JsonMembers members(raw);
  std::string out = "{";
  std::size_t count = 0;
  while (members.next()) {
    const std::string key = unescaped(members.key());
    const bool function = key == "Ref" || key == "Condition" || key.starts_with("Fn::");
    if (count++ == 0 && function && !members.next()) {
      return call(key, find_member(raw, key).value_or(""));
    }
    if (function) return invalid("`" + key + "` stands alone in its object");
    auto one = value(members.value());
    if (!one) return one;
    if (one->empty()) continue;  // AWS::NoValue: as if it were not there.
    SONDE_RETURN_IF_ERROR(spend(one->size()));
    out.append(out.size() == 1 ? "" : ",").append(quoted(key)).append(":").append(*one);
  }
  if (!members.ok()) return invalid("not JSON");
  return out + "}";
}

Result<std::string> Intrinsics::array(std::string_view raw) {
  JsonElements elements(raw);
  std::string out = "[";
  while (elements.next()) {
    auto one = value(elements.value());
    if (!one) return one;
    if (one->empty()) continue;
    SONDE_RETURN_IF_ERROR(spend(one->size()));
    out.append(out.size() == 1 ? "" : ",").append(*one);
  }
  if (!elements.ok()) return invalid("not JSON");
  return out + "]";
}

Result<std::string> Intrinsics::call(std::string_view function, std::string_view argument) {
  if (function == "Ref") {
    const auto name = json_string(argument);
    if (!name) return invalid("Ref takes a name");
    return reference(*name);
  }
  if (function == "Fn::GetAtt") return attribute(argument);
  if (function == "Fn::If") return choose(argument);
  if (function == "Fn::Join") return join(argument);
  if (function == "Fn::Select") return select(argument);
  if (function == "Fn::Sub") return substitute(argument);
  return invalid(std::string(function) +
                 " is not supported here; there are Ref, Fn::GetAtt, Fn::If, Fn::Join, Fn::Select "
                 "and Fn::Sub");
}

/// The text of a value that is one: a string, a number, a truth.
Result<std::string> Intrinsics::text(std::string_view raw) {
  auto resolved = value(raw);
  if (!resolved) return resolved;
  if (resolved->empty() || resolved->front() == '{' || resolved->front() == '[') {
    return invalid("a text is expected, not " + resolved->substr(0, 40));
  }
  auto string = json_string(*resolved);
  if (!string) return resolved;
  if (string->size() > kTemplateTextMax) return invalid("a text of more than 64 KiB");
  return std::move(*string);
}

/// The raw elements of an array, from `least` to `most`.
Result<std::vector<std::string>> Intrinsics::arguments(std::string_view raw, std::size_t least,
                                                       std::size_t most) {
  std::vector<std::string> list;
  JsonElements elements(raw);
  while (elements.next()) {
    list.emplace_back(elements.value());
    if (list.size() > most) return invalid("a function with too many arguments");
  }
  if (!elements.ok()) return invalid("the arguments of a function are an array");
  if (list.size() < least) return invalid("a function with too few arguments");
  return list;
}

Result<std::string> Intrinsics::reference(std::string_view name) {
  if (name == kNoValue) return std::string();
  const auto parameter = parameters_.find(name);
  if (parameter != parameters_.end() && parameter->second.list) {
    std::string out = list_text(parameter->second.value.value_or(""));
    SONDE_RETURN_IF_ERROR(spend(out.size()));
    return out;
  }
  auto found = reference_text(name);
  if (!found) return found;
  SONDE_RETURN_IF_ERROR(spend(found->size()));
  return quoted(*found);
}

Result<std::string> Intrinsics::reference_text(std::string_view name) {
  if (const auto pseudo = pseudo_.find(name); pseudo != pseudo_.end()) return pseudo->second;
  if (const auto found = parameters_.find(name); found != parameters_.end()) {
    const auto& value = found->second.value;
    if (!value) return invalid("parameter `" + std::string(name) + "` needs a value");
    if (value->size() > kTemplateTextMax) return invalid("a text of more than 64 KiB");
    return *value;
  }
  const auto resource = resources_.find(name);
  if (resource != resources_.end()) return resource_name(resource->first, resource->second);
  std::vector<std::string_view> known = keys_of(parameters_);
  const std::vector<std::string_view> resources = keys_of(resources_);
  known.insert(known.end(), resources.begin(), resources.end());
  return invalid("neither parameter nor resource: " + with_nearest(name, known));
}

/// What Ref gives of a resource.
Result<std::string> Intrinsics::resource_name(const std::string& name, const Resource& resource) {
  if (const auto known = names_.find(name); known != names_.end()) return known->second;
  if (!open_.insert("name " + name).second) {
    return invalid("resource `" + name + "` needs its own name");
  }
  auto computed = computed_name(name, resource);
  open_.erase("name " + name);
  if (computed) names_[name] = *computed;
  return computed;
}

Result<std::string> Intrinsics::computed_name(const std::string& name, const Resource& resource) {
  std::string own = name;
  const std::string_view property = name_property(resource.type);
  const auto raw = property.empty() ? std::nullopt : find_member(resource.properties, property);
  if (raw) {
    auto resolved = value(*raw);
    if (!resolved) return resolved;
    if (!resolved->empty()) {
      auto given = text(*resolved);
      if (!given) return given;
      own = std::move(*given);
    }
  }
  return resource.type == "AWS::SNS::Topic" ? arn("sns", own) : own;
}

std::string Intrinsics::arn(std::string_view service, std::string_view resource) const {
  const auto of = [&](std::string_view name) { return pseudo_.find(name)->second; };
  return "arn:" + of("AWS::Partition") + ":" + std::string(service) + ":" + of("AWS::Region") +
         ":" + of("AWS::AccountId") + ":" + std::string(resource);
}

/// ["Name", "Arn"] or "Name.Arn"
Result<std::string> Intrinsics::attribute(std::string_view argument) {
  if (const auto dotted = json_string(argument)) {
    const std::size_t dot = dotted->find('.');
    if (dot == std::string::npos) return invalid("Fn::GetAtt takes a resource and an attribute");
    auto found = attribute_of(dotted->substr(0, dot), dotted->substr(dot + 1));
    return found ? Result<std::string>(quoted(*found)) : found;
  }
  const auto list = arguments(argument, 2, 2);
  if (!list) return fail(list.error());
  const auto name = json_string(list->at(0));
  if (!name) return invalid("Fn::GetAtt takes a resource and an attribute");
  auto which = text(list->at(1));
  if (!which) return which;
  auto found = attribute_of(*name, *which);
  return found ? Result<std::string>(quoted(*found)) : found;
}

Result<std::string> Intrinsics::attribute_of(std::string_view name, std::string_view attribute) {
  const auto resource = resources_.find(name);
  if (resource == resources_.end()) return invalid("no resource `" + std::string(name) + "`");
  auto own = resource_name(resource->first, resource->second);
  if (!own) return own;
  const std::string_view type = resource->second.type;
  if (type == "AWS::SNS::Topic" && attribute == "TopicName") {
    return own->substr(own->rfind(':') + 1);
  }
  if (type == "AWS::SNS::Topic" || own->starts_with("arn:")) return own;
  if (type.starts_with("AWS::CloudWatch::")) return arn("cloudwatch", "alarm:" + *own);
  if (type == "AWS::Logs::LogGroup") return arn("logs", "log-group:" + *own + ":*");
  return arn("cloudformation", *own + "." + std::string(attribute));
}

}  // namespace sonde::alarm
