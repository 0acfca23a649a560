# Tools that make building faster, when they are there: ccache, and mold or lld.

# With a base directory and without the working directory in the hash, the build directories of one
# tree, and clones of it, share their hits.
find_program(SALLYPORT_CCACHE ccache)
if(SALLYPORT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      /usr/bin/env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      # Precompiled headers: their content counts, not what a file that uses them defines.
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${SALLYPORT_CCACHE})
endif()

include(CheckLinkerFlag)
foreach(linker IN ITEMS mold lld)
  check_linker_flag(CXX -fuse-ld=${linker} SALLYPORT_LINKER_${linker})
  if(SALLYPORT_LINKER_${linker})
    add_link_options(-fuse-ld=${linker})
    break()
  endif()
endforeach()
