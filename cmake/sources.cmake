# One static library per folder of src/, linked by the table in folders.txt.

set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS cmake/folders.txt)
file(STRINGS cmake/folders.txt rows REGEX "^[a-z]+:")

set(SALLYPORT_FOLDERS "")
foreach(row IN LISTS rows)
  string(REGEX MATCH "^([a-z]+):(.*)$" _ "${row}")
  set(folder ${CMAKE_MATCH_1})
  separate_arguments(others UNIX_COMMAND "${CMAKE_MATCH_2}")
  list(APPEND SALLYPORT_FOLDERS ${folder})
  # Later folders first, so that a static library stands before those it needs.
  list(REVERSE others)
  list(TRANSFORM others PREPEND sallyport_)

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${folder}/*.cc)
  if(sources)
    add_library(sallyport_${folder} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(sallyport_${folder} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(sallyport_${folder} ${scope} ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(sallyport_${folder} ${scope} ${others} sallyport_dependencies)
endforeach()

set(SALLYPORT_LIBRARIES ${SALLYPORT_FOLDERS})
list(REVERSE SALLYPORT_LIBRARIES)
list(TRANSFORM SALLYPORT_LIBRARIES PREPEND sallyport_)

if(EXISTS ${CMAKE_SOURCE_DIR}/src/main.cc)
  add_executable(sallyport src/main.cc)
  target_link_libraries(sallyport PRIVATE ${SALLYPORT_LIBRARIES} sallyport_sanitizer_options)
endif()
