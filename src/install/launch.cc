// The launcher that `sonde install` puts into the user's home and into clients' files:
//
//     launch [FLAG…] -- COMMAND [ARGUMENT…]
//
// becomes `sonde wrap FLAG… -- COMMAND ARGUMENT…`, or, where sonde is gone or cannot be
// executed, the command itself.  So it must need nothing that can be gone: no library, no
// interpreter.  A shell would do more than start a program, too: dash drops variables whose
// names it cannot spell (`npm_config_@scope:registry`), and every shell sets PWD.
//
// Freestanding: no libc, no start-up files.  Arguments and environment are handed on as the
// kernel gave them; the words in front of the command are moved by one place, into the place
// of argc.

namespace {

using Word = char*;

/// Written over by `sonde install`; volatile, so that the compiler takes nothing for granted.
constexpr unsigned kPathBytes = 4096;
__attribute__((used, section(".data"))) volatile char sonde_path[kPathBytes] =
    "@sonde-path@";  // NOLINT

enum : long {
  kNotPermitted = 1,
  kNoEntry = 2,
  kNotExecutable = 8,
  kNoAccess = 13,
  kNoDevice = 19,
  kNotFolder = 20,
  kStale = 116,
  kTimedOut = 110
};

#if defined(__x86_64__)
enum : long { kWrite = 1, kExecve = 59, kExitGroup = 231 };
long system_call(long number, long a, long b, long c) {
  long result = 0;  // NOLINT(misc-const-correctness): the kernel writes it.
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c)
               : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
enum : long { kWrite = 64, kExecve = 221, kExitGroup = 94 };
long system_call(long number, long a, long b, long c) {
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
}
#else
#error "the launcher knows x86-64 and arm64"
#endif

[[noreturn]] void leave(int code) {
  for (;;) system_call(kExitGroup, code, 0, 0);
}

unsigned long length(const char* text) {
  unsigned long n = 0;
  while (text[n] != '\0') ++n;
  return n;
}

bool equal(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) ++a, ++b;
  return *a == *b;
}

void say(const char* text) {
  system_call(kWrite, 2, reinterpret_cast<long>(text), static_cast<long>(length(text)));
}

/// Returns only if it failed: the error's number.
long execute(const char* path, Word* line, Word* environment) {
  return -system_call(kExecve, reinterpret_cast<long>(path), reinterpret_cast<long>(line),
                      reinterpret_cast<long>(environment));
}

const char* variable(Word* environment, const char* prefix) {
  const unsigned long size = length(prefix);
  for (; *environment != nullptr; ++environment) {
    unsigned long i = 0;
    while (i < size && (*environment)[i] == prefix[i]) ++i;
    if (i == size) return *environment + size;
  }
  return nullptr;
}

/// As execvp: a file without a known format is a shell script.
/// REQUIRES: line[-1] is a place of ours.
long execute_or_interpret(char* path, Word* line, Word* environment) {
  const long error = execute(path, line, environment);
  if (error != kNotExecutable) return error;
  static char shell[] = "/bin/sh";
  line[-1] = shell;
  line[0] = path;
  return execute(shell, line - 1, environment);
}

/// May another folder of PATH have it?
bool look_further(long error) {
  return error == kNoEntry || error == kNoAccess || error == kNotFolder || error == kNoDevice ||
         error == kStale || error == kTimedOut;
}

/// As execvp, with the same default for a missing PATH.
long search(Word* line, Word* environment) {
  const char* const name = line[0];
  const unsigned long name_size = length(name);
  const char* path = variable(environment, "PATH=");
  if (path == nullptr) path = "/bin:/usr/bin";
  static char candidate[2 * kPathBytes];
  long error = kNoEntry;
  bool denied = false;
  for (;;) {
    unsigned long size = 0;
    while (path[size] != '\0' && path[size] != ':') ++size;
    if (size + name_size + 2 <= sizeof candidate) {
      unsigned long at = 0;
      for (unsigned long i = 0; i < size; ++i) candidate[at++] = path[i];
      if (size > 0) candidate[at++] = '/';
      for (unsigned long i = 0; i <= name_size; ++i) candidate[at++] = name[i];
      error = execute_or_interpret(candidate, line, environment);
      if (!look_further(error)) return error;
      denied = denied || error == kNoAccess;
    }
    if (path[size] == '\0') return denied ? static_cast<long>(kNoAccess) : error;
    path += size + 1;
  }
}

bool has_slash(const char* text) {
  for (; *text != '\0'; ++text) {
    if (*text == '/') return true;
  }
  return false;
}

[[noreturn]] void run_command(Word* line, Word* environment) {
  Word const name = line[0];
  long error = kNoEntry;
  if (*name != '\0') {
    error =
        has_slash(name) ? execute_or_interpret(name, line, environment) : search(line, environment);
  }
  say("sonde launch: cannot start `");
  say(name);
  say(error == kNoEntry || error == kNotFolder ? "`: not found\n" : "`: cannot be executed\n");
  leave(error == kNoEntry || error == kNotFolder ? 127 : 126);
}

}  // namespace

/// `stack` is what the kernel laid down: argc, argv, null, environment, null.
extern "C" [[noreturn]] __attribute__((used)) void launch_main(long* stack) {
  const long count = stack[0];
  Word* const line = reinterpret_cast<Word*>(stack + 1);
  Word* const environment = line + count + 1;

  long command = 1;
  while (command < count && !equal(line[command], "--")) ++command;
  if (++command >= count) {
    say("sonde launch: usage: launch [FLAG…] -- COMMAND [ARGUMENT…]\n");
    leave(2);
  }

  static char path[kPathBytes];
  for (unsigned i = 0; i + 1 < kPathBytes; ++i) path[i] = sonde_path[i];
  static char wrap[] = "wrap";
  // `sonde wrap FLAG… --` ends where `launch FLAG… --` does, and is one word longer, less
  // what is left out: it is written from its end.
  long to = command;
  for (long from = command - 1; from >= 1; --from) {
    if (!equal(line[from], "--args-added")) line[--to] = line[from];
  }
  line[to - 1] = wrap;
  line[to - 2] = path;
  if (path[0] == '/') execute(path, line + to - 2, environment);
  // What was written over lies in front of the command.
  run_command(line + command, environment);
}

#if defined(__x86_64__)
asm(R"(
  .globl _start
_start:
  xor %ebp, %ebp
  mov %rsp, %rdi
  and $-16, %rsp
  call launch_main
)");
#elif defined(__aarch64__)
asm(R"(
  .globl _start
_start:
  mov x29, #0
  mov x30, #0
  mov x0, sp
  bl launch_main
)");
#endif
