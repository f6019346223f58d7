#pragma once
#include <string>
#include <string_view>

namespace gatehouse::messaging {

/// What a person would read of an HTML mail, as plain text: blocks become paragraphs, list items lines with a dash, links their
/// text followed by the address, pictures their alternative text; style, script, head and
/// `<p data-html-only>` vanish. Never fails.
std::string html_to_text(std::string_view html);

}  // namespace gatehouse::messaging
