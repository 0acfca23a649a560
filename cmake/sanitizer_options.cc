// Options of the sanitizers, compiled into every executable of a sanitized build, so that they hold
// however it is started. ASAN_OPTIONS, UBSAN_OPTIONS and TSAN_OPTIONS still override them.

extern "C" {

const char* __asan_default_options();
const char* __asan_default_options() {
  return "detect_leaks=1:strict_string_checks=1:check_initialization_order=1:allow_addr2line=1";
}

const char* __ubsan_default_options();
const char* __ubsan_default_options() { return "print_stacktrace=1"; }

const char* __tsan_default_options();
const char* __tsan_default_options() { return "halt_on_error=1:second_deadlock_stack=1"; }

}  // extern "C"
