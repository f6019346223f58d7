#pragma once
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

// What tenants write themselves: the page around the login box, and markup between the parts of its forms. It is their administrators'
// own and may hold styles and scripts, which get the page's nonce; values of variables are escaped and can hold neither.
namespace gatehouse::login {

/// The variables of a page template and of partials, by Auth0's names, from those of our own templates.
json::object tenant_variables(const json::object& ours, std::string_view prompt, std::string_view screen, const json::object& application,
                              const json::object& branding);

/// A page of ours inside the tenant's: {%- auth0:head -%} is what stands in its head, {%- auth0:widget -%} what stands in its body.
/// Errors: invalid_argument (a template that does not work any more).
Result<std::string> inside_page_template(std::string_view source, std::string_view html, const json::object& variables, std::string_view nonce);

/// The partials of one screen, rendered: {"form_content_start": "<html>", …}; those that do not work are left out.
json::object rendered_partials(const json::object& screen, const json::object& variables, std::string_view nonce);

/// `<style` and `<script` with the nonce that the policy of the page asks for.
std::string with_nonce(std::string_view html, std::string_view nonce);

}  // namespace gatehouse::login
