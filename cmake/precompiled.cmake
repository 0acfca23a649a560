# The headers that nearly every file includes, compiled once for each kind of target: a third of the
# time of a clean build. No file may rely on them: the clang preset, for clang-tidy and the fuzzers,
# builds without.

option(SALLYPORT_PRECOMPILED "Precompile the standard library's headers" ON)

set(SALLYPORT_PRECOMPILED_HEADERS
    <algorithm> <array> <atomic> <charconv> <chrono> <compare> <coroutine> <cstdint> <cstring>
    <expected> <functional> <map> <memory> <mutex> <optional> <span> <string> <string_view>
    <thread> <tuple> <unordered_map> <utility> <variant> <vector>)

# precompile(target [others...]): the standard library, and what else the target's files include.
function(precompile target)
  if(SALLYPORT_PRECOMPILED)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
      # Its content decides whether ccache knows a precompiled header, not when it was made.
      target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
    endif()
    target_precompile_headers(${target} PRIVATE ${SALLYPORT_PRECOMPILED_HEADERS} ${ARGN})
  endif()
endfunction()

# precompile_like(target model): with the model's, which must be compiled with the same options.
function(precompile_like target model)
  if(SALLYPORT_PRECOMPILED)
    target_precompile_headers(${target} REUSE_FROM ${model})
  endif()
endfunction()
