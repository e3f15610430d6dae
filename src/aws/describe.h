#pragma once

#include <string>
#include <string_view>

#include "aws/default_alarms.h"
#include "aws/inputs.h"
#include "aws/wording.h"

namespace sonde::aws {

/// The Logs Insights query that shows what is behind an alarm: over the log group of the
/// taps, of this subject only.
std::string behind(Kind kind, const Subject& subject);

/// The text of an alarm, in the region that CloudFormation puts for "${AWS::Region}": what
/// has happened, `crossed` ("more than 5 % of calls in 5 minutes"), the run-book, the
/// dashboard, and the query behind it.  At most 1024 characters with whatever parameters;
/// what does not fit is left out from the end.
std::string describe(Kind kind, const Subject& subject, std::string_view crossed,
                     const Config& config, const Wording& wording);

}  // namespace sonde::aws
