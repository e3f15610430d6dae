#pragma once

#include <string_view>

namespace sonde::privacy {

/// May the word stand in an error template?  In lower case, in capitals or with a capital
/// first; `SQLITE_CONSTRAINT`, `notFound` and `ERR_MODULE_NOT_FOUND` if all their parts may;
/// `ValueError` and other names of exceptions.
///
/// Purpose.  An allow list: what is not known to be a word of programs may be a name.
/// Words that are names of persons as well count in lower case only.
bool in_vocabulary(std::string_view word);

/// May it stand within quotes?  A word of the language of schema checkers, not of the data.
bool is_schema_word(std::string_view word);

}  // namespace sonde::privacy
