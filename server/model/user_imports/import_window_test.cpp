#include "model/user_imports/import_window.h"

#include <gtest/gtest.h>

namespace gatehouse::model {
namespace {

std::string file_of(int rows) {
  std::string out = "[";
  for (int i = 0; i < rows; ++i)
    out += (i == 0 ? "" : ", ") + std::string("{\"email\": \"user") + std::to_string(i * 7 % rows) + "@example.com\",\"n\":" + std::to_string(i) + "}";
  return out + "]";
}

ImportWindow window_of(const std::string& file, int64_t offset, size_t skip, size_t bytes) {
  return ImportWindow(
      [&file, at = size_t(offset)]() mutable -> Result<std::optional<std::string>> {
        if (at >= file.size()) return std::optional<std::string>{};
        const std::string piece = file.substr(at, 37);
        at += 37;
        return std::optional(piece);
      },
      offset, skip, bytes);
}

TEST(ImportWindow, every_row_comes_once_and_each_window_in_the_order_of_addresses) {
  const std::string file = file_of(100);
  ImportWindow window = window_of(file, 0, 0, 400);
  std::multiset<std::string> rows;
  std::string before;
  int64_t begin = -1;
  while (const auto row = *window.next()) {
    const std::string address(row->substr(11, row->find('"', 11) - 11));
    if (window.begin() == begin) EXPECT_LT(before, address);
    begin = window.begin();
    before = address;
    rows.insert(std::string(*row));
  }
  EXPECT_EQ(rows.size(), 100u);
  EXPECT_EQ(std::set<std::string>(rows.begin(), rows.end()).size(), 100u);
}

TEST(ImportWindow, of_two_rows_with_one_address_the_first_comes_first_whatever_its_case) {
  const std::string file = R"([{"email":"b@x"},{"email":"a@x","n":1},{"email":"A@X","n":2},{"n":3},{"email":"a@x","n":4}])";
  ImportWindow window = window_of(file, 0, 0, 1000);
  std::string order;
  while (const auto row = *window.next()) order += std::string(row->substr(row->size() - 2, 1));
  EXPECT_EQ(order, "3124\"");
}

TEST(ImportWindow, reading_goes_on_after_any_row) {
  const std::string file = file_of(40);
  ImportWindow whole = window_of(file, 0, 0, 500);
  std::vector<std::pair<int64_t, size_t>> places{{0, 0}};
  std::vector<std::string> rows;
  while (const auto row = *whole.next()) {
    rows.emplace_back(*row);
    places.emplace_back(whole.begin(), whole.returned());
  }
  for (size_t i = 0; i < places.size(); ++i) {
    ImportWindow rest = window_of(file, places[i].first, places[i].second, 500);
    size_t next = i;
    while (const auto row = *rest.next()) {
      ASSERT_LT(next, rows.size());
      ASSERT_EQ(*row, rows[next++]) << i;
    }
    ASSERT_EQ(next, rows.size()) << i;
  }
}

TEST(ImportWindow, a_file_that_breaks_off_or_holds_no_array_is_an_error) {
  for (const std::string& file : {std::string("[{\"email\":\"a@b\"}"), std::string("{}"), std::string("")}) {
    ImportWindow window = window_of(file, 0, 0, 500);
    const auto row = window.next();
    ASSERT_FALSE(row) << file;
    EXPECT_EQ(row.error().code, Errc::invalid_argument);
  }
}

}  // namespace
}  // namespace gatehouse::model
