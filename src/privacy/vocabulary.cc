#include "privacy/vocabulary.h"

#include <algorithm>
#include <array>

#include "privacy/character.h"

namespace sonde::privacy {
namespace {

// Sorted.  Words of error messages: what programs say, never what they say it about.  No
// given name, and nothing of what a business deals with; family names are in kAmbiguous.
constexpr std::string_view kText = R"(
a abort aborted aborting about above absent absolute accept acceptable accepted accepting access
accessed accessible accessing account acknowledge across action active actual add added adding
addition additional address adequate admin after again against algorithm alias aligned alive all
alloc allocate allocated allocation allow allowed allows along alphanumeric already also alter
alternative although always ambiguous among amount an analysis and any anyone anything api
append application applied apply approval approve approved archive are aren't arg args argument
arguments around array as asc ascii assert assertion assigned assignment associated assume async
at attach attached attachment attempt attempted attempting attempts attr attribute attributes
audience auth authenticate authenticated authentication authorization authorize authorized auto
automatic available avoid await awaiting aware back backend backoff backslash backup bad
bandwidth base base64 basic batch be bearer became because become been before begin beginning
behavior being below between bigint binary bind binding bit bits block blocked blocking body
bool boolean both boundary bounds branch break broken browser bucket buffer bug build builtin
busy but by byte bytes cache cached call callback called caller calling calls can can't cancel
canceled cancellation cancelled cancelling cannot capabilities capability capacity cascade case
cast catch cause caused causes cert certificate chain change changed changes channel char
character characters charset check checked checking checks checksum child children choose chunk
chunked circular class clean cleanup clear client clients clock clone close closed closing
cluster code codec codes collection column columns command commands commit committed common
compare comparison compatible compile compiled compiler complete completed completely completion
component compressed compression computation concat concurrent condition config configuration
configure configured conflict conflicting conflicts connect connected connecting connection
connections consider constraint constraints constructor consumed contact contain contained
container containing contains content contents context continue control conversion convert
converted converting cookie copy core correct correctly corrupt corrupted cors could couldn't
count counter cpu crash crashed create created createmessage creates creating creation
credential credentials critical cross csrf csv current currently cursor custom cycle daemon data
database databases date datetime db deadline deadlock debug decimal declaration declared decode
decoded decoding decompress deep default defaults deferred define defined definition degraded
delay delayed delete deleted deleting delimiter denied deno deny dependencies dependency
deployment deprecated depth desc deserialize destination destroyed detail details detected
determine device dialog dict dictionary did didn't different digest digit digits dimension
direct directly directories directory disable disabled disallowed discarded disconnect
disconnected discover disk dispatch display distinct divide division dns do docker document
documentation documents does doesn't doing domain don't done dot double down download downstream
driver drop dropped dropping dump duplicate duplicated duplicates duration during dynamic eacces
each eaddrinuse eaddrnotavail eagain ealready early ebadf ebusy ecanceled econnaborted
econnrefused econnreset edestaddrreq edit edquot eexist efault efbig effect ehostdown
ehostunreach eintr einval eio eisconn eisdir either element elements elicitation eloop else
emfile empty emsgsize enable enabled enametoolong encode encoded encoding encountered encrypted
encryption end ended ending endpoint endpoints enetdown enetunreach enfile engine enobufs enodev
enoent enoexec enolck enomem enospc enosys enotconn enotdir enotempty enotfound enotsock enotsup
enough ensure enter entity entries entry enum env environment enxio eof eoverflow eperm epipe
eproto eprotonosupport equal equals erange erofs err errno error errored errors escape escaped
espipe esrch established etimedout etxtbsy evaluate evaluated evaluation event events every
everything ewouldblock exact exactly example exceed exceeded exceeding exceeds except exception
exceptions exdev exec executable execute executed executing execution exhausted exist existed
existing exists exit exited exiting exits expect expectation expected expecting expects
expiration expired expires explain explicit explicitly export exported expression extension
external extra extract fail failed failing fails failure failures false fatal fault feature
fetch fetched fetching few field fields file filename files filesystem fill filter filters final
find finding finish finished first flag flags flight float flush folder follow followed
following follows for forbidden force forced foreign fork form format formats formatted forward
found frame frames free from frozen ftp full fully function functions further future gateway
general generate generated generating generation generic get gets getting git given gives global
gone got gpu grammar graphql greater group groups grpc guard guess gzip had handle handled
handler handlers handles handling handshake hang hard has hash hasn't have haven't having he
head header headers health heap height help here hex hidden high hint history hold hook hop host
hostname hour hours how however html html5 http https i icon id identical identified identifier
identifiers identity idle ids if ignore ignored ignoring illegal image immediately immutable
implementation implemented implicit import imported improper in include included includes
including incoming incompatible incomplete inconsistent incorrect incorrectly increase indent
index indexed indexes indicate indices inf infinite info information init initial initialization
initialize initialized initializing inline inner input inputs inputschema insert inserted inside
inspect install installed instance instances instead instruction instructions insufficient int
integer integers integrity intended interface interfaces internal interpreter interrupt
interrupted interval into invalid invalidated invocation invoke invoked invoking io ip ipv4 ipv6
is iserror isn't iso8601 isolated issue issued issuer issues it item items iteration iterator
its java javascript job jobs join json jsonrpc jsonrpcerror just jwt keep kernel key keys
keyword kill killed kind know known kubectl kwargs label lacks lambda language large larger last
latency later latest launch layer leading leak least left len length less level levels library
license like likely limit limited limiting limits line lines link linked links list listchanged
listed listen listener listening listing literal live load loaded loader loading loads local
locale localhost locate located location lock locked log logged logger logging logs lookup loop
lost low lower machine made main maintenance make makes malformed manage managed manager
mandatory manifest manually many map mapped mapping marker match matched matches matching max
maximum mb mcp mcperror md5 measure media member members memory merge message messages metadata
method methods metric middleware might migration millisecond milliseconds mime min minimum
minute minutes mismatch mismatched missing mode model modification modified module modules
mongodb monitor month more most mount move moved much multipart multiple must mutable mutex
mutual my mysql name named names namespace namespaces nan native navigation near need needed
needs negative neither nested network never new newer newline next no node non nonce none
nonetype nor normal not notation note nothing notification notifications now npm npx null
nullable number numbers numeric oauth object objects observed obsolete obtain occurred octet of
off offline offset often oidc ok okay old older omitted on once one only onto oom open opened
opening operand operation operations operator optimization option optional options or order
ordinal origin original os other otherwise our out outbound outer output outputschema outside
over overflow overlap overloaded override overwrite own owned owner package packages packet
padding page pages pagination pair panic parallel param parameter parameters params parent parse
parsed parser parsing part partial partially partition parts pass passed passing password patch
path paths pattern patterns pause payload peer pending per percent perform performed performing
period permanent permanently permission permissions permitted persist phase physical pid ping
pip pipe pipeline place placeholder plain platform please plugin point pointer policy poll pool
popped port ports position positional positive possible possibly post postgres postgresql pragma
precondition preferred prefix premature prepare prepared present prevent prevented previous
previously primary print prior private privilege privileges problem procedure proceed process
processed processes processing produce produced profile program progress prohibited project
promise prompt prompts proper properly properties property protected protocol provide provided
provider proxy public publish pull push put python queries query queue queued quit quota quotes
race raise raised random range rate rather raw reach reachable reached read readable reader
reading readonly ready real reason reauthenticate receive received receiver receiving recent
recognized recommended reconnect record records recover recovery recursion recursive redirect
redirected redirects redis reduce ref refer reference referenced references refresh refused
refusing regex region register registered registration registry regular reject rejected
rejecting rejection rejects related relation relative release released reload remain remaining
remote remove removed removing rename render repeat repeated replace replaced replica reply
report reported repository represent representation request requested requester requests require
required requirement requirements requires requiring reserved reset resolution resolve resolved
resolver resolving resource resources respond responded response responses rest restart
restarted restore restricted restriction result resulted resulting results resume retried
retries retry retrying return returned returning returns reuse revert revoked rfc right role
rollback root roots rotate route router row rows rpc rsa rule rules run running runs runtime
safe same saml sampling save saved scalar scan schedule scheduled scheduler schema schemas
scheme scope scopes script search second seconds secret section secure security see segment
select selected selection self semantic semaphore send sender sending sent separator sequence
serial serialization serialize serialized server servers service services session sessions set
setlevel setting settings setup severity sha256 shape share shared she shell short should
shouldn't shutdown side sigabrt sigbus sigfpe sighup sigill sigint sigkill sign signal signature
signed sigpipe sigsegv sigstop sigterm sigtrap silent similar simple since single size skip
skipped sleep slot slow small smtp snapshot so socket sockets soft software some something soon
sorry sort source space spawn specific specification specified specify split sql sqlite sqlstate
sse ssh ssl stack stale standard start started starting startup state statement statements
states static status stdclass stderr stdin stdio stdlib stdout step still stop stopped stopping
storage store stored str stream streaming streams strict string strings struct structure
structured structuredcontent style subject submit subprocess subscribe subscription
subscriptions subset substring succeed succeeded success successful successfully such suffix
suggested suitable sum support supported supports suppressed suspended switch symbol symlink
sync synchronous syntax system table tables tag tags target targets task tasks tcp template
templates temporarily temporary term terminal terminate terminated termination test tests text
than that the their them then there these they this those thread threads three threshold
throttled throttling throw thrown throws time timed timeout timeouts timer times timestamp
timezone title tls to token tokens too tool tools top topic total trace traceback trailing
transaction transfer transform transient transition translate transport trap traversal tree
tried trigger triggered true truncate truncated trust trusted try trying tuple turn twice two
type typed types typo udp unable unacceptable unauthenticated unauthorized unavailable uncaught
unchanged undefined under undocumented unexpected unexpectedly unhandled unicode union unique
unit units unix unknown unless unlike unlimited unlock unmatched unnamed unpack unparsable
unprocessable unreachable unread unrecognized unregistered unresolved unsafe unset unsigned
unspecified unstable unsubscribe unsuccessful unsupported until untrusted unused unusual up
update updated updates updating upgrade upload upon upper upstream uri url us usage use used
user username users uses using usual utc utf utf8 util uuid uv uvx valid validate validated
validating validation validator validity value values varchar variable variables variant vector
verification verified verify verifying version versions very via view violated violates
violating violation virtual visible volume vs wait waited waiting warn warning warnings was
wasn't watch way we web webhook websocket well were weren't what when where whether which while
who whose why width wildcard win window with within without won't worker workers workspace worse
would wouldn't wrap wrapped wrapper writable write writing written wrong wrote x509 xml xss yaml
yes yet yield you your zero zip zoderror zone
)";

constexpr std::size_t count_words(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (!in(text[at], kSpace) && in(text[at - 1], kSpace)) ++count;
  }
  return count;
}

template <std::size_t N>
constexpr std::array<std::string_view, N> split(std::string_view text) {
  std::array<std::string_view, N> words;
  std::size_t at = 0;
  for (std::string_view& word : words) {
    while (in(text[at], kSpace)) ++at;
    const std::size_t begin = at;
    while (!in(text[at], kSpace)) ++at;
    word = text.substr(begin, at - begin);
  }
  return words;
}

constexpr auto kWords = split<count_words(kText)>(kText);
static_assert(std::ranges::is_sorted(kWords));

// Sorted.  Names of persons too, when they begin with a capital.
constexpr auto kAmbiguous = std::to_array<std::string_view>({
    "base",   "block", "bond",  "case", "chain",  "close",  "cross",  "field",  "frame", "gates",
    "head",   "host",  "job",   "key",  "lane",   "level",  "lock",   "long",   "max",   "page",
    "parent", "parse", "place", "pool", "port",   "post",   "reader", "record", "root",  "rule",
    "self",   "short", "small", "star", "street", "temple", "trap",   "watch",  "way",   "win",
});
static_assert(std::ranges::is_sorted(kAmbiguous));

constexpr std::size_t kWordBytesMax = 18;
constexpr std::size_t kNameBytesMax = 48;

/// `word` is in small letters, or begins with a capital if `capital`.
bool known(std::string_view word) {
  if (word.empty() || word.size() > kWordBytesMax) return false;
  std::array<char, kWordBytesMax> small{};
  std::ranges::transform(word, small.begin(), lower);
  const std::string_view key(small.data(), word.size());
  if (!std::ranges::binary_search(kWords, key)) return false;
  return key == word || !std::ranges::binary_search(kAmbiguous, key);
}

/// `ValueError`, `FileNotFoundException`: letters, with a capital inside.
bool names_exception(std::string_view word) {
  constexpr auto kEndings = std::to_array<std::string_view>({"Error", "Exception", "Warning"});
  if (word.size() > kNameBytesMax || !in(word.front(), kUpper)) return false;
  if (run_end(word, 0, kLetter) != word.size()) return false;
  return std::ranges::any_of(kEndings, [word](std::string_view ending) {
    return word.ends_with(ending) && word.size() > ending.size() &&
           in(word[word.size() - ending.size() - 1], kAlnum);
  });
}

/// Where the word ends that begins at `at`: at an underscore, or before a capital that
/// follows a small letter.
std::size_t part_end(std::string_view name, std::size_t at) {
  std::size_t end = at + 1;
  while (end < name.size() && name[end] != '_' &&
         !(in(name[end], kUpper) && in(name[end - 1], kLower))) {
    ++end;
  }
  return end;
}

/// Are all the words known that an identifier is made of?
bool parts_known(std::string_view name) {
  std::size_t parts = 0;
  for (std::size_t at = 0; at < name.size();) {
    if (name[at] == '_') {
      ++at;
      continue;
    }
    const std::size_t end = part_end(name, at);
    if (!known(name.substr(at, end - at))) return false;
    ++parts;
    at = end;
  }
  return parts > 1;
}

// Sorted.  What schema checkers quote: of their language, not of the data.
constexpr auto kSchemaWords = std::to_array<std::string_view>(
    {"any",          "array",    "bigint",    "boolean", "code",    "const",
     "custom",       "date",     "enum",      "error",   "errors",  "exact",
     "expected",     "format",   "inclusive", "input",   "integer", "invalid",
     "invalid_type", "keys",     "maximum",   "message", "minimum", "missing",
     "name",         "null",     "number",    "object",  "options", "origin",
     "path",         "received", "required",  "schema",  "string",  "too_big",
     "too_small",    "type",     "undefined", "union",   "unknown", "unrecognized_keys",
     "value",        "values"});
static_assert(std::ranges::is_sorted(kSchemaWords));

}  // namespace

bool in_vocabulary(std::string_view word) {
  if (word.empty() || word.size() > kNameBytesMax) return false;
  return known(word) || names_exception(word) || parts_known(word);
}

bool is_schema_word(std::string_view word) {
  return std::ranges::binary_search(kSchemaWords, word);
}

}  // namespace sonde::privacy
