# Turns templates/*.liquid, assets/* and i18n/*.json into one .cpp, so that the binary carries its pages. Run by CMake itself at
# build time: cmake -DSOURCE_DIR=… -DOUTPUT=… -P embed.cmake

if(NOT CMAKE_SCRIPT_MODE_FILE)
  file(GLOB page_files CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/templates/*.liquid ${CMAKE_CURRENT_LIST_DIR}/assets/*
       ${CMAKE_CURRENT_LIST_DIR}/i18n/*.json)
  set(embedded_pages ${CMAKE_CURRENT_BINARY_DIR}/embedded_pages.cpp)
  add_custom_command(OUTPUT ${embedded_pages}
    COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${CMAKE_CURRENT_LIST_DIR} -DOUTPUT=${embedded_pages} -P ${CMAKE_CURRENT_LIST_FILE}
    DEPENDS ${page_files} ${CMAKE_CURRENT_LIST_FILE} VERBATIM COMMENT "Embedding the login pages")
  target_sources(gh_login PRIVATE ${embedded_pages})
  return()
endif()

file(GLOB files RELATIVE ${SOURCE_DIR} ${SOURCE_DIR}/templates/*.liquid ${SOURCE_DIR}/assets/* ${SOURCE_DIR}/i18n/*.json)
list(SORT files)
set(entries "")
foreach(file IN LISTS files)
  file(READ ${SOURCE_DIR}/${file} content)
  # A string literal may be 64 KiB long; pieces of one are joined by the compiler.
  string(LENGTH "${content}" length)
  set(pieces "")
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${content}" ${at} 8000 piece)
    string(APPEND pieces "R\"gh_page(${piece})gh_page\"\n")
    math(EXPR at "${at} + 8000")
  endwhile()
  string(APPEND entries "    {\"${file}\",\n${pieces}},\n")
endforeach()
file(WRITE ${OUTPUT} "// Made from login/{templates,assets,i18n} by embed.cmake.
#include \"login/embedded.h\"

namespace gatehouse::login {
namespace {

constexpr EmbeddedFile kFiles[] = {
${entries}};

}  // namespace

std::span<const EmbeddedFile> embedded_files() { return kFiles; }

}  // namespace gatehouse::login
")
