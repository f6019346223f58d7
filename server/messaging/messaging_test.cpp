// Templates, MIME and the text alternative.
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "messaging/html_text.h"
#include "messaging/mail_templates.h"
#include "messaging/mime.h"

namespace gatehouse::messaging {
namespace {

model::Tenant acme() {
  model::Tenant tenant;
  tenant.id = TenantId("acme");
  tenant.issuer = "https://localhost:8443/";
  tenant.host = "localhost:8443";
  tenant.settings = {{"friendly_name", "Acme & Söhne"}, {"support_email", "help@acme.test"}};
  return tenant;
}

Mail mail(std::string name, json::object variables = {}) {
  if (!variables.contains("user")) variables["user"] = {{"email", "ada@example.com"}};
  variables["url"] = "https://localhost:8443/u/x?ticket=a1&b=2";
  variables["code"] = "123456";
  variables["link"] = "https://localhost:8443/u/y";
  return {TenantId("acme"), std::move(name), "ada@example.com", std::move(variables), ""};
}

TEST(MailTemplates, HasATemplateForEachNameInEachLanguage) {
  for (const std::string_view name : mail_template_names()) {
    for (const char* language : {"en", "de", "de-CH", "xx"}) {
      Mail one = mail(std::string(name));
      one.language = language;
      const auto rendered = render_mail(acme(), {}, "", one, {});
      ASSERT_TRUE(rendered) << name << ": " << rendered.error().message;
      EXPECT_FALSE(rendered->subject.empty()) << name;
      EXPECT_NE(rendered->html.find("</html>"), std::string::npos) << name;
      EXPECT_EQ(rendered->html.find("{{"), std::string::npos) << name;
      EXPECT_EQ(rendered->html.find("{%"), std::string::npos) << name;
      EXPECT_NE(rendered->html.find("Acme &amp; Söhne"), std::string::npos) << name;
      EXPECT_GT(rendered->text.size(), 40u) << name;
    }
  }
  Mail german = mail("reset_email");
  german.language = "de-CH";
  EXPECT_EQ(render_mail(acme(), {}, "", german, {})->subject, "Wählen Sie ein neues Passwort");
}

TEST(MailTemplates, ShowsTheLinkInHtmlAndText) {
  const auto rendered = render_mail(acme(), {}, "", mail("verify_email"), {});
  EXPECT_NE(rendered->html.find("href=\"https://localhost:8443/u/x?ticket=a1&amp;b=2\""), std::string::npos);
  EXPECT_NE(rendered->text.find("\nhttps://localhost:8443/u/x?ticket=a1&b=2\n"), std::string::npos) << rendered->text;
  EXPECT_EQ(rendered->text.find("copy this address"), std::string::npos);
  EXPECT_EQ(rendered->from.address, "no-reply@localhost");
  EXPECT_EQ(rendered->from.name, "Acme & Söhne");
}

TEST(MailTemplates, NeverReadsProfilesAsTemplatesOrMarkup) {
  const json::object user{{"email", "ada@example.com"}, {"given_name", "{{ url }}<script>alert(1)</script>"}};
  const auto rendered = render_mail(acme(), {{"enabled", true}}, "", mail("welcome_email", {{"user", user}}), {});
  EXPECT_NE(rendered->html.find("{{ url }}&lt;script&gt;"), std::string::npos) << rendered->html;
}

TEST(MailTemplates, UsesTheTenantsOwn) {
  const json::object document{{"body", "<p>Hi {{ user.email | escape }} of {{ application.name }}, {{ tenant }}</p>"},
                              {"subject", "{{ application.name }} <3"},
                              {"from", "{{ application.name }} <hi@acme.test>"},
                              {"enabled", true}};
  const auto rendered = render_mail(acme(), document, "default@acme.test", mail("verify_email", {{"application", {{"name", "Shop & Co"}}}}), {});
  EXPECT_EQ(rendered->html, "<p>Hi ada@example.com of Shop &amp; Co, acme</p>");
  EXPECT_EQ(rendered->subject, "Shop & Co <3");
  EXPECT_EQ(rendered->from.name, "Shop & Co");
  EXPECT_EQ(rendered->from.address, "hi@acme.test");
  EXPECT_EQ(render_mail(acme(), {{"subject", "x"}}, "Default <default@acme.test>", mail("verify_email"), {})->from.address, "default@acme.test");
}

TEST(MailTemplates, FallsBackToOursWhenTheTenantsIsBrokenOrSwitchedOff) {
  for (const char* body : {"{% if %}", "{% for i in (1..90000) %}{% for j in (1..90000) %}{% endfor %}{% endfor %}"}) {
    const auto rendered = render_mail(acme(), {{"body", body}, {"enabled", true}}, "", mail("reset_email"), {});
    EXPECT_NE(rendered->html.find("Choose a new password"), std::string::npos);
    EXPECT_FALSE(rendered->problem.empty());
  }
  const auto off = render_mail(acme(), {{"body", "mine"}, {"enabled", false}}, "", mail("reset_email"), {});
  EXPECT_NE(off->html, "mine");
  EXPECT_FALSE(check_mail_template({{"body", "ok"}, {"subject", "{{ x"}}));
  EXPECT_EQ(check_mail_template({{"body", "{% if %}"}}).error().message, "The template in 'body' is not valid. Line 1: a value is missing");
}

TEST(MailTemplates, ShowsItsDefaultsAsTemplatesThatWorkOnTheirOwn) {
  for (const char* name : {"verify_email", "welcome_email"}) {
    json::object document = default_mail_document(name);
    EXPECT_EQ(document.at("body").as_string().find("include"), std::string::npos);
    document["enabled"] = true;
    const auto ours = render_mail(acme(), {}, "", mail(name), {}), same = render_mail(acme(), document, "", mail(name), {});
    EXPECT_EQ(same->problem, "");
    EXPECT_EQ(same->text, ours->text);
    EXPECT_EQ(same->subject, ours->subject);
  }
  EXPECT_TRUE(default_mail_document("reset_email").empty());
}

TEST(MailTemplates, SaysWhereLinksLead) {
  const json::object application{{"name", "Shop"}, {"callback_domain", "https://shop.test"}};
  const json::object document{{"resultUrl", "{{ application.callback_domain }}/done?app={{ application.name | url_encode }}"}, {"urlLifetimeInSeconds", 60}};
  const LinkSettings link = link_settings_of(document, application);
  EXPECT_EQ(link.result_url, "https://shop.test/done?app=Shop");
  EXPECT_EQ(link.lifetime, seconds(60));
  EXPECT_TRUE(link.include_email);
  EXPECT_EQ(link_settings_of({{"resultUrl", "{{ user.email }}"}}, application).result_url, "");
  EXPECT_EQ(link_settings_of({{"resultUrl", "javascript:alert(1)"}}, application).result_url, "");
  EXPECT_FALSE(link_settings_of({}, {}).lifetime);
}

TEST(MailTemplates, KnowsWhichMailsCanBeSwitchedOff) {
  EXPECT_TRUE(is_mail_wanted("verify_email", {}));
  EXPECT_FALSE(is_mail_wanted("verify_email", {{"enabled", false}}));
  EXPECT_FALSE(is_mail_wanted("welcome_email", {}));
  EXPECT_TRUE(is_mail_wanted("welcome_email", {{"enabled", true}}));
  EXPECT_TRUE(is_mail_wanted("reset_email", {{"enabled", false}}));
}

TEST(MailTemplates, TakesOnlyColoursAndSafeLogosFromBranding) {
  model::Tenant tenant = acme();
  tenant.branding = {{"colors", {{"primary", "#fff"}}}, {"logo_url", "javascript:alert(1)"}};
  const auto light = render_mail(tenant, {}, "", mail("verify_email"), {});
  EXPECT_NE(light->html.find("background:#fff;"), std::string::npos);
  EXPECT_NE(light->html.find("color:#111111;"), std::string::npos) << "white on white cannot be read";
  EXPECT_EQ(light->html.find("javascript"), std::string::npos);
  tenant.branding = {{"colors", {{"primary", "red;} body{display:none"}}}, {"logo_url", "https://cdn.acme.test/logo.png"}};
  const auto odd = render_mail(tenant, {}, "", mail("verify_email"), {});
  EXPECT_EQ(odd->html.find("display:none"), std::string::npos);
  EXPECT_NE(odd->html.find("src=\"https://cdn.acme.test/logo.png\""), std::string::npos);
}

OutgoingMail outgoing() {
  return {"job_0123456789abcdef", {"Acme", "no-reply@acme.test"}, "ada@example.com", "Hello", "<p>Hi</p>", "Hi\n", from_micros(1'776'930'000'000'000)};
}

TEST(Mime, WritesAMessage) {
  EXPECT_EQ(*write_message(outgoing()),
            "From: \"Acme\"\r\n <no-reply@acme.test>\r\n"
            "To: ada@example.com\r\n"
            "Subject: Hello\r\n"
            "Date: Thu, 23 Apr 2026 07:40:00 +0000\r\n"
            "Message-ID: <job_0123456789abcdef@acme.test>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: multipart/alternative; boundary=\"=_job_0123456789abcdef\"\r\n\r\n"
            "--=_job_0123456789abcdef\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\nHi\r\n\r\n"
            "--=_job_0123456789abcdef\r\n"
            "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n<p>Hi</p>\r\n"
            "--=_job_0123456789abcdef--\r\n");
}

TEST(Mime, RefusesAddressesThatAreNone) {
  for (const char* address : {"", "a", "@b", "a@", "a@b\r\nBcc: c@d", "a@b, c@d", "<a@b>", "a b@c", "a@b c", "-f@b.test", "a@.b", "a@b..c", "a\"@b", "a@b@c", "a(x)@b"}) {
    OutgoingMail mail = outgoing();
    mail.to = address;
    EXPECT_FALSE(write_message(mail)) << address;
    mail = outgoing();
    mail.from.address = address;
    EXPECT_FALSE(write_message(mail)) << address;
  }
  for (const char* address : {"a@b", "ada+tag@example.com", "jürgen@example.com", "o'hara@sub.example.co.uk"}) EXPECT_TRUE(is_mail_address(address)) << address;
}

TEST(Mime, LetsNoHeaderBeInjected) {
  OutgoingMail mail = outgoing();
  mail.subject = "Hi\r\nBcc: eve@example.com\r\n\r\nbody";
  mail.from.name = "Acme\"\r\nX-Evil: 1\r\n";
  const std::string message = *write_message(mail);
  EXPECT_EQ(message.find("\nBcc:"), std::string::npos) << message;
  EXPECT_EQ(message.find("\nX-Evil:"), std::string::npos) << message;
  EXPECT_EQ(message.find("\r\n\r\n"), message.find("boundary=") + 33) << "the header ends where it should";
}

TEST(Mime, EncodesWhatIsNotAscii) {
  OutgoingMail mail = outgoing();
  mail.subject = "Bestätigen Sie Ihre E-Mail-Adresse, lieber Jürgen Übelmesser aus Köln 😀";
  mail.text = "Grüße = ja \n" + std::string(200, 'x') + "\n";
  const std::string message = *write_message(mail);
  size_t begin = 0;
  for (size_t end; (end = message.find("\r\n", begin)) != std::string::npos; begin = end + 2) EXPECT_LE(end - begin, 78u) << message.substr(begin, end - begin);
  std::string subject;
  for (size_t at = message.find("=?UTF-8?B?"); at != std::string::npos && at < message.find("Date:"); at = message.find("=?UTF-8?B?", at + 1)) {
    const auto word = base64_decode(message.substr(at + 10, message.find("?=", at) - at - 10));
    ASSERT_TRUE(word && is_valid_utf8(*word));
    subject += *word;
  }
  EXPECT_EQ(subject, mail.subject);
  EXPECT_NE(message.find("Gr=C3=BC=C3=9Fe =3D ja=20\r\n"), std::string::npos);
}

TEST(Mime, ParsesSenders) {
  EXPECT_EQ(Mailbox::parse("a@b.test")->address, "a@b.test");
  EXPECT_EQ(Mailbox::parse(" \"Ac\\\"me, Inc\" <a@b.test> ")->name, "Ac\"me, Inc");
  EXPECT_EQ(Mailbox::parse("Acme <a@b.test>")->name, "Acme");
  for (const char* bad : {"", "Acme", "Acme <a>", "a@b, c@d", "Acme a@b>"}) EXPECT_FALSE(Mailbox::parse(bad)) << bad;
}

TEST(HtmlText, ReadsLikeAPersonDoes) {
  EXPECT_EQ(html_to_text("<html><head><title>t</title><style>p{}</style></head><body><h1>Hello  there</h1><p>One<br>two &amp; three&#33;</p>"
                         "<ul><li>a</li><li>b</li></ul><p><a href=\"https://x.test/?a=1&amp;b=2\">Go</a></p><p><a href='https://y.test'>https://y.test</a></p>"
                         "<!-- no --><script>no()</script><img alt='Logo' src=x></body></html>"),
            "Hello there\n\nOne\ntwo & three!\n\n- a\n- b\n\nGo\nhttps://x.test/?a=1&b=2\n\nhttps://y.test\n\nLogo\n");
  for (const char* odd : {"<", "<a", "<a href=", "&#xFFFFFFFF;", "&#;", "</p></p>", "<style>", "<!--", "<a href>x</a>", ""}) EXPECT_NO_FATAL_FAILURE((void)html_to_text(odd));
}

}  // namespace
}  // namespace gatehouse::messaging
