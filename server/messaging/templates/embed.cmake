# Turns templates/*.liquid and templates/<language>/*.liquid into one .cpp, so that the binary carries its mails. Run by CMake
# itself at build time: cmake -DSOURCE_DIR=… -DOUTPUT=… -P embed.cmake

if(NOT CMAKE_SCRIPT_MODE_FILE)
  file(GLOB mail_files CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.liquid ${CMAKE_CURRENT_LIST_DIR}/*/*.liquid)
  set(embedded_mails ${CMAKE_CURRENT_BINARY_DIR}/embedded_mails.cpp)
  add_custom_command(OUTPUT ${embedded_mails}
    COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${CMAKE_CURRENT_LIST_DIR} -DOUTPUT=${embedded_mails} -P ${CMAKE_CURRENT_LIST_FILE}
    DEPENDS ${mail_files} ${CMAKE_CURRENT_LIST_FILE} VERBATIM COMMENT "Embedding the mail templates")
  target_sources(gh_messaging PRIVATE ${embedded_mails})
  return()
endif()

file(GLOB files RELATIVE ${SOURCE_DIR} ${SOURCE_DIR}/*.liquid ${SOURCE_DIR}/*/*.liquid)
list(SORT files)
set(entries "")
foreach(file IN LISTS files)
  file(READ ${SOURCE_DIR}/${file} content)
  string(REGEX REPLACE "\\.liquid$" "" name ${file})
  string(APPEND entries "    {\"${name}\", R\"gh_mail(${content})gh_mail\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Made from messaging/templates by embed.cmake.
#include \"messaging/mail_templates.h\"

namespace gatehouse::messaging {
namespace {

constexpr EmbeddedTemplate kTemplates[] = {
${entries}};

}  // namespace

std::span<const EmbeddedTemplate> embedded_templates() { return kTemplates; }

}  // namespace gatehouse::messaging
")
