#include "model/branding/branding_description.h"

namespace gatehouse::model {
using namespace description;
namespace {

Property colour() { return string().max(9).pattern(patterns::hex_color); }
Property size(double min, double max) { return number().range(min, max).required(); }
Property text_style(double min, double max) { return object().field("bold", boolean().required()).field("size", size(min, max)).required(); }
Property url() { return string().max(2048).format(Format::uri_or_empty).required(); }

}  // namespace

const Property& theme_body() {
  static const Property body = object()
    .field("displayName", string().max(2048))
    .field("borders", object()
      .field("button_border_radius", size(1, 10))
      .field("button_border_weight", size(0, 10))
      .field("buttons_style", one_of({"pill", "rounded", "sharp"}).required())
      .field("input_border_radius", size(0, 10))
      .field("input_border_weight", size(0, 3))
      .field("inputs_style", one_of({"pill", "rounded", "sharp"}).required())
      .field("show_widget_shadow", boolean().required())
      .field("widget_border_weight", size(0, 10))
      .field("widget_corner_radius", size(0, 50))
      .required())
    .field("colors", object()
      .field("base_focus_color", colour())
      .field("base_hover_color", colour())
      .field("body_text", colour().required())
      .field("captcha_widget_theme", one_of({"auto", "dark", "light"}))
      .field("error", colour().required())
      .field("header", colour().required())
      .field("icons", colour().required())
      .field("input_background", colour().required())
      .field("input_border", colour().required())
      .field("input_filled_text", colour().required())
      .field("input_labels_placeholders", colour().required())
      .field("links_focused_components", colour().required())
      .field("primary_button", colour().required())
      .field("primary_button_label", colour().required())
      .field("read_only_background", colour().not_enforced())
      .field("secondary_button_border", colour().required())
      .field("secondary_button_label", colour().required())
      .field("success", colour().required())
      .field("widget_background", colour().required())
      .field("widget_border", colour().required())
      .required())
    .field("fonts", object()
      .field("body_text", text_style(0, 150))
      .field("buttons_text", text_style(0, 150))
      .field("font_url", url().not_enforced())
      .field("input_labels", text_style(0, 150))
      .field("links", text_style(0, 150))
      .field("links_style", one_of({"normal", "underlined"}).required())
      .field("reference_text_size", size(12, 24))
      .field("subtitle", text_style(0, 150))
      .field("title", text_style(75, 150))
      .required())
    .field("identifiers", object()
      .field("login_display", one_of({"separate", "unified"}).required())
      .field("otp_autocomplete", boolean().required())
      .field("phone_display", object()
        .field("formatting", one_of({"international", "regional"}).required())
        .field("masking", one_of({"hide_country_code", "mask_digits", "show_all"}).required())
        .required())
      .not_enforced())
    .field("page_background", object()
      .field("background_color", colour().required())
      .field("background_image_url", url())
      .field("page_layout", one_of({"center", "left", "right"}).required())
      .required())
    .field("widget", object()
      .field("header_text_alignment", one_of({"center", "left", "right"}).required())
      .field("logo_height", size(1, 100))
      .field("logo_position", one_of({"center", "left", "none", "right"}).required())
      .field("logo_url", url())
      .field("social_buttons_layout", one_of({"bottom", "top"}).required().not_enforced())
      .required());
  return body;
}

}  // namespace gatehouse::model
