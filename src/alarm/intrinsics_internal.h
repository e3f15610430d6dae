#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alarm/template_reader.h"
#include "base/result.h"

namespace sonde::alarm {

/// Computes the intrinsic functions of a CloudFormation template.
///
/// Limits.  Depth kDepthMax; kTemplateTextMax for each text, and for all that one
/// resolve() makes 16 of them.  Every condition and every name is computed once, so that
/// none can be made to double the work of the one before.
/// Lifetime.  Views of the template.
class Intrinsics {
 public:
  static constexpr std::size_t kDepthMax = 64;
  static constexpr std::size_t kResolvedMax = 16 * kTemplateTextMax;

  struct Resource {
    std::string_view type;        ///< Raw text without quotes.
    std::string_view properties;  ///< Raw; empty if there are none.
    std::optional<std::string> condition;
  };
  using Resources = std::map<std::string, Resource, std::less<>>;

  /// Reads the sections.
  static Result<Intrinsics> make(std::string_view json, const TemplateParameters& parameters);

  const Resources& resources() const noexcept { return resources_; }

  /// A raw value with every function computed: JSON again.  Empty for AWS::NoValue.
  Result<std::string> resolve(std::string_view raw);

  Result<bool> condition(std::string_view name);

 private:
  struct Parameter {
    bool list = false;
    std::optional<std::string> value;
  };

  Status read_parameters(std::string_view section, const TemplateParameters& given);
  Status read_resources(std::string_view section);
  Result<std::string> value(std::string_view raw);
  Result<std::string> object(std::string_view raw);
  Result<std::string> array(std::string_view raw);
  Result<std::string> call(std::string_view function, std::string_view argument);
  Result<std::string> text(std::string_view raw);
  Result<std::vector<std::string>> arguments(std::string_view raw, std::size_t least,
                                             std::size_t most);
  Result<std::string> reference(std::string_view name);
  Result<std::string> reference_text(std::string_view name);
  Result<std::string> resource_name(const std::string& name, const Resource& resource);
  Result<std::string> computed_name(const std::string& name, const Resource& resource);
  std::string arn(std::string_view service, std::string_view resource) const;
  Result<std::string> attribute(std::string_view argument);
  Result<std::string> attribute_of(std::string_view name, std::string_view attribute);
  Result<std::string> choose(std::string_view argument);
  Result<std::string> join(std::string_view argument);
  Result<std::string> select(std::string_view argument);
  Result<std::string> substitute(std::string_view argument);
  Result<std::string> substitute_text(std::string_view pattern,
                                      const std::map<std::string, std::string>& values);
  Result<bool> test(std::string_view raw);
  Result<bool> test_call(std::string_view function, std::string_view argument);
  Result<bool> equals(std::string_view argument);
  Status spend(std::size_t bytes);

  std::map<std::string, Parameter, std::less<>> parameters_;
  std::map<std::string, std::string, std::less<>> pseudo_;
  std::map<std::string, std::string_view, std::less<>> conditions_;  ///< Raw.
  Resources resources_;
  std::map<std::string, bool, std::less<>> tested_;
  std::map<std::string, std::string, std::less<>> names_;
  std::set<std::string, std::less<>> open_;  ///< Conditions and names being computed.
  std::size_t depth_ = 0;
  std::size_t spent_ = 0;
};

}  // namespace sonde::alarm
