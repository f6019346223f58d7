# Turns migrations/*.sql into one .cpp, so that the binary carries its schema. Run by CMake itself at build time:
#   cmake -DSOURCE_DIR=… -DOUTPUT=… -P embed.cmake
# A name is NNNN_words (the twin NNNN_words.postgres.sql is used on PostgreSQL instead, where it exists).

if(NOT CMAKE_SCRIPT_MODE_FILE)
  file(GLOB migration_files CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.sql)
  set(embedded ${CMAKE_CURRENT_BINARY_DIR}/embedded_migrations.cpp)
  add_custom_command(OUTPUT ${embedded}
    COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${CMAKE_CURRENT_LIST_DIR} -DOUTPUT=${embedded} -P ${CMAKE_CURRENT_LIST_FILE}
    DEPENDS ${migration_files} ${CMAKE_CURRENT_LIST_FILE} VERBATIM COMMENT "Embedding the migrations")
  target_sources(gh_storage PRIVATE ${embedded})
  return()
endif()

file(GLOB files ${SOURCE_DIR}/*.sql)
list(SORT files)
set(entries "")
foreach(path IN LISTS files)
  get_filename_component(file ${path} NAME)
  if(file MATCHES "^[0-9][0-9][0-9][0-9]_[a-z0-9_]+\\.postgres\\.sql$")
    continue()
  endif()
  if(NOT file MATCHES "^([0-9][0-9][0-9][0-9]_[a-z0-9_]+)\\.sql$")
    message(FATAL_ERROR "migrations/${file}: the name must look like 0007_roles.sql")
  endif()
  set(name ${CMAKE_MATCH_1})
  file(READ ${path} sql)
  set(twin "")
  if(EXISTS ${SOURCE_DIR}/${name}.postgres.sql)
    file(READ ${SOURCE_DIR}/${name}.postgres.sql twin)
  endif()
  string(APPEND entries "    {\"${name}\", R\"gh_sql(${sql})gh_sql\", R\"gh_sql(${twin})gh_sql\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Made from storage/migrations/*.sql by embed.cmake.
#include \"storage/migrations/runner.h\"

namespace gatehouse::storage {

const std::vector<Migration>& all_migrations() {
  static const std::vector<Migration> migrations{
${entries}  };
  return migrations;
}

}  // namespace gatehouse::storage
")
