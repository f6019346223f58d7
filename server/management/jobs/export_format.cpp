#include "management/jobs/export_format.h"

#include <charconv>

namespace gatehouse::management {
namespace {

/// What is exported when nobody says what: Auth0's normalised profile.
constexpr std::string_view usual_fields[] = {"user_id",  "email",   "email_verified", "name",       "given_name",
                                             "family_name", "nickname", "picture",        "created_at", "updated_at"};
/// Dates that we made ourselves: no spreadsheet takes one for a formula.
constexpr std::string_view own_dates[] = {"created_at", "updated_at", "last_login", "last_password_reset"};

void append_quoted(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
}

/// OWASP's advice against CSV injection, as Auth0 follows it: a spreadsheet that finds an apostrophe first takes nothing for a formula.
void append_cell(std::string& out, std::string_view text) {
  out += "\"'";
  append_quoted(out, text);
  out += '"';
}

}  // namespace

/// name, name.name, name[0].name; nullopt when it is nothing of the kind.
std::optional<std::vector<ExportFormat::Step>> ExportFormat::parse_path(std::string_view name) {
  std::vector<Step> steps;
  while (true) {
    const size_t end = std::min(name.find_first_of(".["), name.size());
    if (end == 0) return std::nullopt;
    steps.emplace_back(std::string(name.substr(0, end)));
    name.remove_prefix(end);
    while (name.starts_with('[')) {
      size_t index = 0;
      const auto [stop, wrong] = std::from_chars(name.data() + 1, name.data() + name.size(), index);
      if (wrong != std::errc() || stop == name.data() + name.size() || *stop != ']') return std::nullopt;
      steps.emplace_back(index);
      name.remove_prefix(size_t(stop - name.data()) + 1);
    }
    if (name.empty()) return steps;
    if (name.front() != '.') return std::nullopt;
    name.remove_prefix(1);
  }
}

Result<ExportFormat> ExportFormat::parse(std::string_view format, const json::array& fields) {
  ExportFormat out;
  out.kind_ = format == "json" ? Kind::json : Kind::csv;
  const auto wrong = [](std::string sentence) { return Error{Errc::invalid_argument, std::move(sentence)}; };
  const size_t most = out.kind_ == Kind::csv ? most_csv_fields : most_fields;
  if (fields.size() > most) return wrong("A file in this format has " + std::to_string(most) + " fields at most");
  const auto add = [&](std::string_view name, std::string_view title) -> Result<void> {
    std::optional<std::vector<Step>> path = parse_path(name);
    if (!path)
      return wrong("The field '" + std::string(name) +
                   "' is not the name of a property, such as user_metadata.plan or identities[0].connection");
    if (out.kind_ == Kind::csv && (name == "user_metadata" || name == "app_metadata"))
      return wrong("A CSV file cannot hold " + std::string(name) + " as a whole: name the properties in it, or export as json");
    out.columns_.push_back({std::string(name), std::string(title), *std::move(path)});
    return {};
  };
  for (const json::value& field : fields) {
    const json::object* one = field.if_object();
    const std::string_view name = one ? get_string(*one, "name").value_or("") : "";
    TRY_VOID(add(name, one ? get_string(*one, "export_as").value_or(name) : name));
  }
  if (fields.empty())
    for (const std::string_view name : usual_fields) TRY_VOID(add(name, name));
  return out;
}

const json::value* ExportFormat::find(const json::value& user, const Column& column) {
  const json::value* value = &user;
  for (const Step& step : column.path) {
    if (const std::string* name = std::get_if<std::string>(&step)) {
      const json::object* object = value->if_object();
      value = object ? object->if_contains(*name) : nullptr;
    } else {
      const json::array* array = value->if_array();
      value = array ? array->if_contains(std::get<size_t>(step)) : nullptr;
    }
    if (!value) return nullptr;
  }
  return value;
}

std::string ExportFormat::head() const {
  std::string out;
  if (kind_ == Kind::json) return out;
  for (const Column& column : columns_) {
    out += out.empty() ? "\"" : ",\"";
    append_quoted(out, column.title);
    out += '"';
  }
  return out + "\n";
}

void ExportFormat::append(std::string& out, const model::User& user) const {
  const json::value whole = user.to_json();
  if (kind_ == Kind::json) {
    json::object line;
    for (const Column& column : columns_)
      if (const json::value* value = find(whole, column)) line[column.title] = *value;
    out += json::serialize(line);
    out += '\n';
    return;
  }
  for (const Column& column : columns_) {
    if (&column != &columns_.front()) out += ',';
    const json::value* value = find(whole, column);
    if (!value || value->is_null()) continue;
    if (!value->is_string())
      value->is_structured() ? append_cell(out, json::serialize(*value)) : void(out += json::serialize(*value));
    else if (std::ranges::find(own_dates, column.name) != std::end(own_dates))
      out += std::string_view(value->get_string());
    else
      append_cell(out, value->get_string());
  }
  out += '\n';
}

}  // namespace gatehouse::management
