#include "model/description/description.h"

namespace gatehouse::model {
namespace {

std::string replaced(std::string text, char from, char to) {
  std::replace(text.begin(), text.end(), from, to);
  return text;
}

/// "resource-servers" → "resource server".
std::string singular(const std::string& segment) {
  std::string noun = replaced(segment, '-', ' ');
  if (noun.ends_with('s')) noun.pop_back();
  return noun;
}

}  // namespace

Description::Description(std::string segment) : segment_(std::move(segment)) {
  path_ = "/" + segment_;
  noun_ = singular(segment_);
  list_key_ = replaced(segment_, '-', '_');
  verbs_[size_t(Verb::create)].status = 201;
  verbs_[size_t(Verb::remove)].status = 204;
  *this = std::move(*this).scopes(list_key_);
  missing_ = {"The " + noun_ + " does not exist", "inexistent_" + replaced(noun_, ' ', '_')};
  taken_ = {"A " + noun_ + " with this name already exists", replaced(noun_, ' ', '_') + "_conflict"};
}

Description Description::field(std::string name, Property property) && {
  body_ = std::move(body_).field(std::move(name), std::move(property));
  return std::move(*this);
}

Description Description::id(std::string property) && { id_property_ = std::move(property); return std::move(*this); }
Description Description::noun(std::string singular) && { noun_ = std::move(singular); return std::move(*this); }
Description Description::list_key(std::string key) && { list_key_ = std::move(key); return std::move(*this); }
Description Description::list_length() && { list_length_ = true; return std::move(*this); }
Description Description::at(std::string path) && { path_ = std::move(path); return std::move(*this); }
Description Description::parameter(std::string name) && { parameter_ = std::move(name); return std::move(*this); }

Description Description::missing(std::string message, std::string code) && {
  missing_ = {std::move(message), std::move(code)};
  return std::move(*this);
}

Description Description::taken(std::string message, std::string code) && {
  taken_ = {std::move(message), std::move(code)};
  return std::move(*this);
}

Description Description::scopes(std::string object) && {
  verbs_[size_t(Verb::list)].scopes = verbs_[size_t(Verb::read)].scopes = {"read:" + object};
  verbs_[size_t(Verb::create)].scopes = {"create:" + object};
  verbs_[size_t(Verb::update)].scopes = {"update:" + object};
  verbs_[size_t(Verb::remove)].scopes = {"delete:" + object};
  return std::move(*this);
}

Description Description::scope(Verb verb, std::vector<std::string> any_of) && {
  verbs_[size_t(verb)].scopes = std::move(any_of);
  return std::move(*this);
}

Description Description::status(Verb verb, int status) && {
  verbs_[size_t(verb)].status = status;
  return std::move(*this);
}

Description Description::without(Verb verb) && {
  verbs_[size_t(verb)].mounted = false;
  return std::move(*this);
}

json::object Description::created(const json::object& body) const {
  json::value value = body;
  body_.complete(value);
  return std::move(value.get_object());
}

json::object Description::updated(const json::object& before, const json::object& body) const {
  json::object after = before;
  body_.apply(body, after);
  return after;
}

}  // namespace gatehouse::model
