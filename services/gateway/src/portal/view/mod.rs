//! Pages as markup: what is not a literal of ours is escaped where it is written.

pub(crate) mod choose;
pub(crate) mod details;
pub(crate) mod find;
pub(crate) mod message;
pub(crate) mod point;
pub(crate) mod review;
pub(crate) mod status;
pub(crate) mod swap;

use colibri_events::types::v1::Money;
use colibri_types::{Currency, TenantId};
use maud::{DOCTYPE, Markup, html};

use super::{
    lang::Lang,
    words::{Words, fill},
};

/// What all pages of a visit share.
pub(crate) struct Frame {
    /// Whose shop.
    pub(crate) tenant: TenantId,
    /// Language.
    pub(crate) lang: Lang,
    /// Its words.
    pub(crate) words: &'static Words,
    /// The order was found.
    pub(crate) known: bool,
    /// Proof that a form is ours.
    pub(crate) token: String,
}

/// How the other language is reached.
pub(crate) enum Switch {
    /// The same page, at this place after the language.
    Link(String),
    /// The form of the page is sent to this place in the other language: it carries what was told.
    Form(&'static str),
}

/// Something to put right, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// Id of the field.
    pub(crate) id: String,
    /// What to do.
    pub(crate) text: String,
    /// The article, where several have such a field; empty: none.
    pub(crate) about: String,
}

impl Wrong {
    /// At a field.
    pub(crate) fn at(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self { id: id.into(), text: text.into(), about: String::new() }
    }

    /// Names the article in the list of all errors; beside the field it is known.
    pub(crate) fn about(self, article: &str) -> Self {
        Self { about: article.to_owned(), ..self }
    }
}

impl Frame {
    /// Address of a place of the portal.
    pub(crate) fn to(&self, place: &str) -> String {
        address(self.tenant, self.lang, place)
    }

    /// The hidden field of every form.
    pub(crate) fn proof(&self) -> Markup {
        html! { input type="hidden" name="token" value=(self.token); }
    }

    /// A whole page.
    pub(crate) fn page(
        &self,
        title: &str,
        switch: &Switch,
        wrong: &[Wrong],
        body: &Markup,
    ) -> String {
        let w = self.words;
        let other = self.lang.other();
        let mark = if wrong.is_empty() { "" } else { w.error_mark };
        let page = html! {
            (DOCTYPE)
            html lang=(self.lang.code()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    title { (mark) (title) " – " (w.service) }
                    link rel="stylesheet" href="/portal/style.css";
                    link rel="icon" href="data:,";
                }
                body {
                    a.skip href="#main" { (w.skip) }
                    header.top {
                        div.wide {
                            p.service { a href=(self.to("")) { (w.service) } }
                            nav aria-label=(w.language) {
                                span.here aria-current="true" { (w.this_language) }
                                (self.switch(switch, other))
                            }
                        }
                    }
                    main #main tabindex="-1" {
                        (summary(w, wrong))
                        h1 { (title) }
                        (body)
                    }
                    footer.bottom {
                        div.wide {
                            p { (w.privacy) }
                            @if self.known { (self.leave()) }
                        }
                    }
                }
            }
        };
        page.into_string()
    }

    fn switch(&self, switch: &Switch, other: Lang) -> Markup {
        let w = self.words;
        html! {
            @match switch {
                Switch::Link(place) => {
                    a href=(address(self.tenant, other, place)) lang=(other.code())
                        hreflang=(other.code()) { (w.other_language) }
                }
                Switch::Form(place) => {
                    button.link form="form" formaction=(address(self.tenant, other, place))
                        formnovalidate name="again" value="1" lang=(other.code()) {
                        (w.other_language)
                    }
                }
            }
        }
    }

    fn leave(&self) -> Markup {
        html! {
            form method="post" action=(self.to("/leave")) {
                (self.proof())
                button.link { (self.words.leave) }
            }
        }
    }
}

/// Address of a place of the portal.
pub(crate) fn address(tenant: TenantId, lang: Lang, place: &str) -> String {
    format!("/portal/{tenant}/{}{place}", lang.code())
}

/// Everything to put right, before all else, each leading to its field.
fn summary(w: &Words, wrong: &[Wrong]) -> Markup {
    html! {
        @if !wrong.is_empty() {
            div.summary role="alert" aria-labelledby="summary-title" {
                h2 #summary-title { (w.summary_title) }
                ul {
                    @for one in wrong {
                        li { a href={ "#" (one.id) } {
                            @if !one.about.is_empty() { (one.about) (w.colon) }
                            (one.text)
                        } }
                    }
                }
            }
        }
    }
}

/// What is wrong with a field, beside it.
pub(crate) fn beside(wrong: &[Wrong], id: &str) -> Markup {
    html! {
        @for one in wrong.iter().filter(|one| one.id == id) {
            p.wrong id={ (id) "-wrong" } { (one.text) }
        }
    }
}

/// Ids that describe a field: its hint and what is wrong.
pub(crate) fn described(wrong: &[Wrong], id: &str, hint: bool) -> Option<String> {
    let mut ids = Vec::new();
    if hint {
        ids.push(format!("{id}-hint"));
    }
    if is_wrong(wrong, id) {
        ids.push(format!("{id}-wrong"));
    }
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// Whether something is wrong with a field.
pub(crate) fn is_wrong(wrong: &[Wrong], id: &str) -> bool {
    wrong.iter().any(|one| one.id == id)
}

/// Value of `aria-invalid`.
pub(crate) fn invalid(wrong: &[Wrong], id: &str) -> Option<&'static str> {
    is_wrong(wrong, id).then_some("true")
}

/// `step 2 of 4`.
pub(crate) fn step(w: &Words, number: u8) -> Markup {
    html! { p.step { (fill(w.step, &[("{number}", &number.to_string())])) } }
}

/// An amount as it is written in the language; empty for what is no currency.
pub(crate) fn money(lang: Lang, money: &Money) -> String {
    amount(lang, money.amount_minor, &money.currency)
}

/// The same from its parts.
pub(crate) fn amount(lang: Lang, minor: i64, currency: &str) -> String {
    let Ok(known) = currency.parse::<Currency>() else { return String::new() };
    let text = colibri_types::Money::new(minor, known).to_decimal().to_string();
    let sign = match currency {
        "EUR" => "€",
        "GBP" => "£",
        other => other,
    };
    match lang {
        Lang::Fr => format!("{}\u{a0}{sign}", text.replace('.', ",")),
        Lang::En if sign.len() < 4 && sign != currency => format!("{sign}{text}"),
        Lang::En => format!("{text}\u{a0}{sign}"),
    }
}

/// A day, as it is written in the language, in coordinated universal time.
pub(crate) fn day(w: &Words, seconds: i64) -> String {
    let Ok(at) = time::OffsetDateTime::from_unix_timestamp(seconds) else { return String::new() };
    let month = w.months.get(usize::from(u8::from(at.month())).saturating_sub(1));
    format!("{}\u{a0}{} {}", at.day(), month.copied().unwrap_or_default(), at.year())
}

/// A day with its time, in coordinated universal time.
pub(crate) fn moment(w: &Words, seconds: i64) -> String {
    let Ok(at) = time::OffsetDateTime::from_unix_timestamp(seconds) else { return String::new() };
    let time = format!("{:02}:{:02}", at.hour(), at.minute());
    fill(w.moment, &[("{day}", &day(w, seconds)), ("{time}", &time)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portal::words;

    #[test]
    fn amounts_and_days_are_written_as_people_write_them() {
        assert_eq!(amount(Lang::Fr, 1999, "EUR"), "19,99\u{a0}€");
        assert_eq!(amount(Lang::En, 1999, "EUR"), "€19.99");
        assert_eq!(amount(Lang::En, 5, "GBP"), "£0.05");
        assert_eq!(amount(Lang::En, 1999, "PLN"), "19.99\u{a0}PLN");
        assert_eq!(amount(Lang::Fr, 1999, "JPY"), "1999\u{a0}JPY");
        assert_eq!(amount(Lang::Fr, 1999, "?"), "");
        assert_eq!(day(words::of(Lang::Fr), 1_792_000_000), "14\u{a0}octobre 2026");
        assert_eq!(day(words::of(Lang::En), 1_792_000_000), "14\u{a0}October 2026");
    }
}
