#include "liquid/liquid.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace gatehouse::liquid {
namespace {

json::value read_cases() {
  std::ifstream in(std::filesystem::path(__FILE__).parent_path() / "cases.json");
  std::stringstream text;
  text << in.rdbuf();
  return json::parse(text.str());
}

std::string render(std::string_view source, const json::object& variables = {}, const RenderOptions& options = {}) {
  const Result<Template> parsed = Template::parse(source);
  if (!parsed) return "parse: " + parsed.error().message;
  Result<std::string> out = parsed->render(variables, options);
  return out ? *out : "render: " + out.error().message;
}

// The same cases run against npm liquidjs in tests/conformance/liquid.test.mjs.
TEST(Liquid, AgreesWithTheCaseTable) {
  const json::value file = read_cases();
  const json::object& shared = file.at("variables").as_object();
  ASSERT_GT(file.at("cases").as_array().size(), 150u);
  for (const json::value& entry : file.at("cases").as_array()) {
    const json::object& one = entry.as_object();
    const json::object* own = get_object(one, "variables");
    RenderOptions options;
    options.escape = get_bool(one, "escape").value_or(false);
    EXPECT_EQ(render(*get_string(one, "template"), own ? *own : shared, options), *get_string(one, "output"))
        << *get_string(one, "name") << ": " << *get_string(one, "template");
  }
}

TEST(Liquid, EscapesUnlessToldOtherwise) {
  const json::object variables{{"name", "<script>"}};
  EXPECT_EQ(render("{{ name }}", variables), "&lt;script&gt;");
  EXPECT_EQ(render("{{ name | raw }}", variables), "<script>");
  EXPECT_EQ(render("{{ name }}", variables, {.escape = false}), "<script>");
}

TEST(Liquid, FindsInTheDefaultsWhatItsOwnVariablesLack) {
  const json::object own{{"texts", {{"title", "Mine"}}}, {"none", nullptr}};
  const json::object defaults{{"texts", {{"title", "Shared"}, {"button", "Go"}}}, {"none", "something"}};
  const RenderOptions options{.defaults = &defaults};
  EXPECT_EQ(render("{{ texts.title }} {{ texts.button }} {{ texts['button'] }} {{ texts.other }}{{ none }}", own, options), "Mine Go Go something");
  EXPECT_EQ(render("{% assign texts = 1 %}{% for texts in (1..2) %}{{ texts }}{% endfor %}", own, options), "12");
}

TEST(Liquid, NeverReadsAVariableAsATemplate) {
  const json::object variables{{"name", "{{ secret }}{% assign x = 1 %}"}, {"secret", "S"}};
  EXPECT_EQ(render("{% capture c %}{{ name }}{% endcapture %}{{ c }}", variables), "{{ secret }}{% assign x = 1 %}");
}

TEST(Liquid, NamesTheLineOfAMistake) {
  EXPECT_EQ(render("a\nb\n{% nonsense %}"), "parse: Line 3: unknown tag 'nonsense'");
  EXPECT_EQ(render("{{ a"), "parse: Line 1: {{ is not closed");
  EXPECT_EQ(render("\n{% if a %}"), "parse: Line 2: 'if' is not closed");
  EXPECT_EQ(render("{% endif %}"), "parse: Line 1: unexpected 'endif'");
  EXPECT_EQ(render("{% if a %}{% endfor %}"), "parse: Line 1: unexpected 'endfor'");
  EXPECT_EQ(render("{{ 'a }}"), "parse: Line 1: {{ is not closed");
  EXPECT_EQ(render("{% for x of y %}{% endfor %}"), "parse: Line 1: 'for' looks like: for item in items");
  EXPECT_EQ(render("{{ a b }}"), "parse: Line 1: unexpected 'b'");
  EXPECT_EQ(render("{% raw %}"), "parse: Line 1: 'raw' is not closed");
}

TEST(Liquid, RefusesUnknownFiltersWhenStrict) {
  EXPECT_FALSE(Template::parse("{{ a | shout }}", {.strict = true}));
  EXPECT_TRUE(Template::parse("{{ a | upcase }}", {.strict = true}));
}

TEST(Liquid, PrintsInsertsUnescapedAndTellsWhichOccur) {
  const Result<Template> page = Template::parse("<head>{%- auth0:head -%}</head>", {.inserts = {"auth0:head", "auth0:widget"}});
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_TRUE(page->inserts().contains("auth0:head"));
  EXPECT_FALSE(page->inserts().contains("auth0:widget"));
  EXPECT_EQ(*page->render({}, {.inserts = {{"auth0:head", "<title>x</title>"}}}), "<head><title>x</title></head>");
}

class Partials {
 public:
  void add(const std::string& name, std::string_view source) { templates_.emplace(name, std::move(*Template::parse(source))); }
  RenderOptions options() const {
    return {.partial = [this](std::string_view name) {
      const auto found = templates_.find(std::string(name));
      return found == templates_.end() ? nullptr : &found->second;
    }};
  }

 private:
  std::map<std::string, Template> templates_;
};

TEST(Liquid, IncludesPartials) {
  Partials partials;
  partials.add("button", "[{{ label }}|{{ user }}|{{ button }}]");
  partials.add("sets", "{% assign x = 2 %}");
  const json::object variables{{"user", "Ada"}};
  EXPECT_EQ(render("{% include 'button', label: 'Go' %}", variables, partials.options()), "[Go|Ada|]");
  EXPECT_EQ(render("{% include 'button' with 7 %}", variables, partials.options()), "[|Ada|7]");
  EXPECT_EQ(render("{% render 'button', label: user %}", variables, partials.options()), "[Ada||]");
  EXPECT_EQ(render("{% assign x = 1 %}{% include 'sets' %}{{ x }}", {}, partials.options()), "2");
  EXPECT_EQ(render("{% assign x = 1 %}{% render 'sets' %}{{ x }}", {}, partials.options()), "1");
  EXPECT_EQ(render("{% include 'none' %}", {}, partials.options()), "render: Line 1: there is no partial 'none'");
}

TEST(Liquid, StopsPartialsThatIncludeThemselves) {
  Partials partials;
  partials.add("loop", "{% include 'loop' %}");
  EXPECT_EQ(render("{% include 'loop' %}", {}, partials.options()), "render: Partials are nested too deeply.");
}

TEST(Liquid, EndsHostileTemplatesWithAnError) {
  EXPECT_EQ(render("{% for i in (1..100000000) %}x{% endfor %}"), "render: The template makes a range that is too long.");
  EXPECT_EQ(render("{% for i in (1..90000) %}{% for j in (1..90000) %}{% endfor %}{% endfor %}"), "render: The template does too much work.");
  EXPECT_EQ(render("{% assign a = 'xxxxxxxxxxxxxxxx' %}{% for i in (1..100) %}{% assign a = a | append: a %}{% endfor %}"), "render: The template makes too much text.");
  EXPECT_EQ(render("{% assign a = 'a,b,c,d' | split: ',' %}{% for i in (1..100) %}{% assign a = a | concat: a %}{% endfor %}"), "render: The template does too much work.");
  EXPECT_EQ(render("{% for i in (1..99999) %}0123456789012345678901234567890123456789{% endfor %}"), "render: The template makes too much text.");
  EXPECT_EQ(render("{% assign a = 'x' %}{% for i in (1..18) %}{% assign a = a | append: a %}{% endfor %}{{ a | replace: 'x', a }}"), "render: The template makes too much text.");
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "{% if true %}";
  EXPECT_EQ(render(deep), "parse: Line 1: blocks are nested too deeply");
  EXPECT_EQ(render("{{ " + std::string(1000, '[') + " }}"), "parse: Line 1: brackets are nested too deeply");
  EXPECT_EQ(render(std::string(600 * 1024, 'x')), "parse: The template is too large.");
}

TEST(Liquid, TellsTheTimeItIsGiven) {
  EXPECT_EQ(render("{{ 'now' | date: '%Y' }}", {}, {.now = from_micros(1'776'000'000'000'000)}), "2026");
}

}  // namespace
}  // namespace gatehouse::liquid
