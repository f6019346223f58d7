#pragma once
namespace gatehouse::storage {
class Database;
class Reader;
class Row;
class Transaction;
class Value;
}  // namespace gatehouse::storage
