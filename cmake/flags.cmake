# Compiler and linker flags for all of our own code.

set(SALLYPORT_SANITIZE "" CACHE STRING "Sanitizers, comma-separated: address,undefined or thread")
option(SALLYPORT_WERROR "Warnings are errors" OFF)
option(SALLYPORT_HARDEN "Hardened code, as in a release" OFF)
option(SALLYPORT_FUZZ "Instrument for libFuzzer (clang only)" OFF)
option(SALLYPORT_COVERAGE "Count executed lines, for gcov" OFF)

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# A library's objects do not wait for the libraries it depends on: one broken folder stops only the
# executables that need it.
set(CMAKE_OPTIMIZE_DEPENDENCIES ON)

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor
                    -fno-omit-frame-pointer)
add_link_options(-Wl,--as-needed)
if(SALLYPORT_WERROR)
  add_compile_options(-Werror)
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees uninitialised values that are none: in a variant's destructor at -O2, and with the
  # sanitizers' instrumentation.
  add_compile_options(-Wno-maybe-uninitialized)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # What g++ means by -Wconversion; and libstdc++ 12 itself uses what it calls deprecated.
  add_compile_options(-Wno-sign-conversion -Wno-deprecated-declarations)
endif()

# For executables to link.
add_library(sallyport_sanitizer_options INTERFACE)
if(SALLYPORT_SANITIZE)
  target_sources(sallyport_sanitizer_options
                 INTERFACE ${CMAKE_SOURCE_DIR}/cmake/sanitizer_options.cc)
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
  add_compile_options(-fsanitize=${SALLYPORT_SANITIZE})
  add_link_options(-fsanitize=${SALLYPORT_SANITIZE})
  if(SALLYPORT_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
    add_link_options(-fno-sanitize-recover=undefined)
  endif()
  if(SALLYPORT_SANITIZE MATCHES "thread")
    # ThreadSanitizer does not know fences; Asio uses one per handler unless told otherwise.
    add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      add_compile_options(-Wno-tsan)
    endif()
  endif()
endif()

# Names of source files in messages start at the root of the tree, and in what is shipped, those in
# debug information too. ccache compiles with names relative to the build directory; where it is
# used, no flag may name this tree, or clones of it would not share their results.
if(SALLYPORT_CCACHE)
  file(RELATIVE_PATH root ${CMAKE_BINARY_DIR} ${CMAKE_SOURCE_DIR}/) # "../../"
else()
  set(root ${CMAKE_SOURCE_DIR}/)
endif()
if(SALLYPORT_HARDEN)
  add_compile_options(-ffile-prefix-map=${root}=)
else()
  add_compile_options(-fmacro-prefix-map=${root}=)
endif()

if(SALLYPORT_HARDEN)
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -D_GLIBCXX_ASSERTIONS
                      -fstack-protector-strong -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    add_compile_options(-fcf-protection)
  endif()
  add_link_options(-Wl,-z,relro,-z,now -Wl,-z,noexecstack)
endif()

if(SALLYPORT_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(SALLYPORT_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()
