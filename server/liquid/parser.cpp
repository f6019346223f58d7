#include "liquid/lexer.h"
#include "liquid/liquid.h"
#include "liquid/nodes.h"

namespace gatehouse::liquid {
namespace {

class Parser {
 public:
  Parser(std::vector<Token> tokens, const ParseOptions& options) : tokens_(std::move(tokens)), options_(options) {}

  Result<std::shared_ptr<const Block>> run() {
    auto root = std::make_shared<Block>();
    TRY(const Token* end, block(*root, {}));
    if (end) return template_error(end->line, "unexpected '" + std::string(end->name()) + "'");
    return std::shared_ptr<const Block>(std::move(root));
  }

  std::set<std::string, std::less<>> inserts;

 private:
  ExpressionReader reader(const Token& token, std::string_view text) const { return ExpressionReader(text, token.line, options_.strict); }
  ExpressionReader reader(const Token& token) const { return reader(token, token.kind == Token::Kind::tag ? token.rest() : token.text); }

  /// Parses into `out` up to a tag that is no block of its own (else, endif, …), which is returned; null at the end of the source.
  Result<const Token*> block(Block& out, std::string_view opened) {
    if (nesting_ > options_.max_nesting) return template_error(tokens_[at_ - 1].line, "blocks are nested too deeply");
    ++nesting_;
    while (at_ < tokens_.size()) {
      const Token& token = tokens_[at_++];
      if (token.kind == Token::Kind::tag && ends_block(token.name())) {
        --nesting_;
        return &token;
      }
      TRY(auto node, this->node(token));
      out.add(std::move(node));
    }
    --nesting_;
    if (!opened.empty()) return template_error(tokens_.empty() ? 1 : tokens_.back().line, "'" + std::string(opened) + "' is not closed");
    return static_cast<const Token*>(nullptr);
  }

  static bool ends_block(std::string_view name) { return name.starts_with("end") || name == "else" || name == "elsif" || name == "when"; }

  Result<std::unique_ptr<Node>> node(const Token& token) {
    if (token.kind == Token::Kind::text) {
      auto text = std::make_unique<Text>();
      text->text = std::string(token.text);
      return std::unique_ptr<Node>(std::move(text));
    }
    if (token.kind == Token::Kind::output) return output(token);
    const std::string_view name = token.name();
    if (options_.inserts.contains(name)) {
      auto insert = std::make_unique<Insert>();
      insert->name = std::string(name);
      inserts.insert(insert->name);
      return std::unique_ptr<Node>(std::move(insert));
    }
    if (name == "if" || name == "unless") return condition(token);
    if (name == "case") return case_of(token);
    if (name == "for") return loop(token);
    if (name == "tablerow") return table_row(token);
    if (name == "debug") return std::unique_ptr<Node>(std::make_unique<Debug>());
    if (name == "assign") return assign(token);
    if (name == "capture") return capture(token);
    if (name == "echo") return output(token);
    if (name == "include" || name == "render") return partial(token);
    if (name == "cycle") return cycle(token);
    if (name == "increment" || name == "decrement") return count(token);
    if (name == "break" || name == "continue") {
      auto leave = std::make_unique<LeaveLoop>();
      leave->flow = name == "break" ? Flow::leave_loop : Flow::continue_loop;
      return std::unique_ptr<Node>(std::move(leave));
    }
    return template_error(token.line, "unknown tag '" + std::string(name) + "'");
  }

  Result<std::unique_ptr<Node>> output(const Token& token) {
    auto out = std::make_unique<Output>();
    ExpressionReader in = reader(token);
    if (in.at_end()) {  // {{ }} prints nothing
      auto nothing = std::make_unique<Text>();
      return std::unique_ptr<Node>(std::move(nothing));
    }
    TRY(out->expression, in.expression());
    TRY_VOID(in.expect_end());
    return std::unique_ptr<Node>(std::move(out));
  }

  Result<std::unique_ptr<Node>> condition(const Token& opening) {
    auto out = std::make_unique<Condition>();
    const std::string end = "end" + std::string(opening.name());
    const Token* token = &opening;
    bool done = false;
    while (!done) {
      out->branches.emplace_back();
      Condition::Branch& branch = out->branches.back();
      branch.negated = token->name() == "unless";
      if (token->name() != "else") {
        ExpressionReader in = reader(*token);
        TRY(Expression expression, in.expression());
        TRY_VOID(in.expect_end());
        branch.condition = std::move(expression);
      }
      TRY(token, block(branch.body, opening.name()));
      done = token->name() == end;
      if (!done && token->name() != "elsif" && token->name() != "else")
        return template_error(token->line, "unexpected '" + std::string(token->name()) + "'");
    }
    return std::unique_ptr<Node>(std::move(out));
  }

  Result<std::unique_ptr<Node>> case_of(const Token& opening) {
    auto out = std::make_unique<Case>();
    ExpressionReader subject = reader(opening);
    TRY(out->subject, subject.expression());
    TRY_VOID(subject.expect_end());
    Block ignored;  // what stands before the first `when` is never shown
    TRY(const Token* token, block(ignored, "case"));
    while (token->name() != "endcase") {
      if (token->name() == "when") {
        out->branches.emplace_back();
        ExpressionReader in = reader(*token);
        do {
          TRY(Operand value, in.operand());
          out->branches.back().values.push_back(std::move(value));
        } while (in.accept(",") || in.accept_word("or"));
        TRY_VOID(in.expect_end());
        TRY(token, block(out->branches.back().body, "case"));
      } else if (token->name() == "else") {
        TRY(token, block(out->otherwise, "case"));
      } else {
        return template_error(token->line, "unexpected '" + std::string(token->name()) + "'");
      }
    }
    return std::unique_ptr<Node>(std::move(out));
  }

  Result<std::unique_ptr<Node>> loop(const Token& opening) {
    auto out = std::make_unique<For>();
    ExpressionReader in = reader(opening);
    out->variable = std::string(in.word());
    if (out->variable.empty() || !in.accept_word("in")) return template_error(opening.line, "'for' looks like: for item in items");
    out->name = out->variable + "-" + std::string(opening.rest());
    TRY_VOID(selection(in, opening, out->selection, nullptr));
    TRY(const Token* token, block(out->body, "for"));
    if (token->name() == "else") {
      TRY(token, block(out->otherwise, "for"));
    }
    if (token->name() != "endfor") return template_error(token->line, "unexpected '" + std::string(token->name()) + "'");
    return std::unique_ptr<Node>(std::move(out));
  }

  /// `items`, then limit, offset and reversed, in any order; with `columns` also cols.
  Result<void> selection(ExpressionReader& in, const Token& opening, Selection& out, std::optional<Operand>* columns) {
    TRY(out.collection, in.operand());
    while (!in.at_end()) {
      if (in.accept(",")) continue;
      const std::string_view word = in.word();
      if (word == "reversed" && !columns) {
        out.reversed = true;
      } else if ((word == "limit" || word == "offset" || (word == "cols" && columns)) && in.accept(":")) {
        TRY(Operand value, in.operand());
        (word == "limit" ? out.limit : word == "offset" ? out.offset : *columns) = std::move(value);
      } else {
        return template_error(opening.line, columns ? "'tablerow' knows cols, limit and offset" : "'for' knows limit, offset and reversed");
      }
    }
    return {};
  }

  Result<std::unique_ptr<Node>> table_row(const Token& opening) {
    auto out = std::make_unique<TableRow>();
    ExpressionReader in = reader(opening);
    out->variable = std::string(in.word());
    if (out->variable.empty() || !in.accept_word("in"))
      return template_error(opening.line, "'tablerow' looks like: tablerow item in items cols: 2");
    TRY_VOID(selection(in, opening, out->selection, &out->columns));
    TRY(const Token* end, block(out->body, "tablerow"));
    if (end->name() != "endtablerow") return template_error(end->line, "unexpected '" + std::string(end->name()) + "'");
    return std::unique_ptr<Node>(std::move(out));
  }

  Result<std::unique_ptr<Node>> assign(const Token& token) {
    auto out = std::make_unique<Assign>();
    ExpressionReader in = reader(token);
    out->name = std::string(in.word());
    if (out->name.empty() || !in.accept("=")) return template_error(token.line, "'assign' looks like: assign name = value");
    TRY(out->expression, in.expression());
    TRY_VOID(in.expect_end());
    return std::unique_ptr<Node>(std::move(out));
  }

  Result<std::unique_ptr<Node>> capture(const Token& token) {
    auto out = std::make_unique<Capture>();
    ExpressionReader in = reader(token);
    out->name = std::string(in.word());
    if (out->name.empty()) {
      TRY(const Operand quoted, in.operand());
      if (const auto* value = std::get_if<Value>(&quoted.form)) out->name = to_text(value->get());
    }
    if (out->name.empty()) return template_error(token.line, "'capture' needs a name");
    TRY_VOID(in.expect_end());
    TRY(const Token* end, block(out->body, "capture"));
    if (end->name() != "endcapture") return template_error(end->line, "unexpected '" + std::string(end->name()) + "'");
    return std::unique_ptr<Node>(std::move(out));
  }

  Result<std::unique_ptr<Node>> partial(const Token& token) {
    auto out = std::make_unique<Partial>();
    out->line = token.line;
    out->isolated = token.name() == "render";
    ExpressionReader in = reader(token);
    TRY(out->name, in.operand());
    if (in.accept_word("with")) {
      TRY(out->with, in.operand());
      if (in.accept_word("as")) out->alias = std::string(in.word());
    }
    while (!in.at_end()) {
      if (in.accept(",")) continue;
      const std::string name(in.word());
      if (name.empty() || !in.accept(":")) return template_error(token.line, "a partial takes name: value");
      TRY(Operand value, in.operand());
      out->arguments.emplace_back(name, std::move(value));
    }
    return std::unique_ptr<Node>(std::move(out));
  }

  Result<std::unique_ptr<Node>> cycle(const Token& token) {
    auto out = std::make_unique<Cycle>();
    ExpressionReader in = reader(token);
    TRY(Operand first, in.operand());
    // A name may stand first; without one the values are the name.
    if (in.accept(":")) {
      const size_t colon = token.rest().find(':');
      out->group = std::string(token.rest().substr(0, colon));
      TRY(first, in.operand());
    } else {
      out->group = "," + std::string(token.rest());
    }
    out->values.push_back(std::move(first));
    while (in.accept(",")) {
      TRY(Operand value, in.operand());
      out->values.push_back(std::move(value));
    }
    TRY_VOID(in.expect_end());
    return std::unique_ptr<Node>(std::move(out));
  }

  Result<std::unique_ptr<Node>> count(const Token& token) {
    auto out = std::make_unique<Count>();
    ExpressionReader in = reader(token);
    out->name = std::string(in.word());
    out->up = token.name() == "increment";
    if (out->name.empty()) return template_error(token.line, "'" + std::string(token.name()) + "' needs a name");
    return std::unique_ptr<Node>(std::move(out));
  }

  std::vector<Token> tokens_;
  const ParseOptions& options_;
  size_t at_ = 0;
  size_t nesting_ = 0;
};

}  // namespace

Result<Template> Template::parse(std::string_view source, const ParseOptions& options) {
  if (source.size() > options.max_bytes) return Error{Errc::invalid_argument, "The template is too large."};
  TRY(std::vector<Token> tokens, tokenize(source));
  Parser parser(std::move(tokens), options);
  Template out;
  TRY(out.root_, parser.run());
  out.inserts_ = std::move(parser.inserts);
  return out;
}

Result<std::string> Template::render(const json::object& variables, const RenderOptions& options) const {
  Scope scope(variables, options);
  std::string out;
  TRY(const Flow flow, root_->render(scope, out));
  (void)flow;  // a break outside a loop ends the template
  return out;
}

}  // namespace gatehouse::liquid
