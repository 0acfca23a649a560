# The libraries we use, as one target: sallyport_dependencies. `./dev setup build` installs them.

find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(CURL 7.88 REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS json)
find_package(pugixml CONFIG REQUIRED)
find_package(fmt CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(date CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)

# These three have no CMake package in Debian 12, only a header and a library.
set(SALLYPORT_FOUND_LIBRARIES "")
foreach(pair IN ITEMS "argon2.h argon2" "crypt.h crypt" "utf8proc.h utf8proc")
  separate_arguments(pair)
  list(GET pair 0 header)
  list(GET pair 1 name)
  find_path(SALLYPORT_INCLUDE_${name} ${header} REQUIRED)
  find_library(SALLYPORT_LIBRARY_${name} ${name} REQUIRED)
  list(APPEND SALLYPORT_FOUND_LIBRARIES ${SALLYPORT_LIBRARY_${name}})
endforeach()

# Asio, compiled once. The same definitions must reach everyone who includes it.
add_library(sallyport_asio STATIC cmake/asio_impl.cc)
target_link_libraries(sallyport_asio PUBLIC Boost::headers Threads::Threads)
target_compile_definitions(sallyport_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION
                                                 BOOST_ASIO_NO_DEPRECATED)

add_library(sallyport_dependencies INTERFACE)
target_link_libraries(sallyport_dependencies INTERFACE
  sallyport_asio Boost::json OpenSSL::SSL OpenSSL::Crypto CURL::libcurl SQLite::SQLite3
  pugixml::pugixml fmt::fmt spdlog::spdlog date::date-tz CLI11::CLI11
  ${SALLYPORT_FOUND_LIBRARIES} resolv)
# toml++ as headers only: Debian's library of it is one more thing to install on a server.
target_compile_definitions(sallyport_dependencies INTERFACE TOML_HEADER_ONLY=1)
