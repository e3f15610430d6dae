#pragma once

#include <string>

#include "config/schema.h"

namespace sonde::config {

/// docs/configuration.md.
std::string render_markdown();

/// A configuration file with every key at its default, commented.
std::string render_example();

/// "SONDE_EMF_NAMESPACE, else AWS_EMF_NAMESPACE"
std::string variables_of(const Field& field);

/// "Default 16MiB; 64KiB to 4GiB." or what an empty value stands for.
std::string default_of(const Field& field);

}  // namespace sonde::config
