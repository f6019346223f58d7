#pragma once
#include <memory>

#include "storage/database.h"

namespace gatehouse::storage {

/// The same database; but on SQLite the current test fails at each statement, whoever runs it, that would read or sort a table that grows
/// (users, their rows, logs, jobs …) instead of finding its rows by an index. No statistics are kept, so that a plan is the same in a
/// test and at a million users. The exceptions stand at the top of testing.cpp, each with its reason.
std::unique_ptr<Database> watch_plans(std::unique_ptr<Database> database);

}  // namespace gatehouse::storage
