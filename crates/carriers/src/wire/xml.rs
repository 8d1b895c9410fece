//! XML as small trees: what SOAP services speak.
//!
//! Reading is by local name, since prefixes and namespaces differ from answer to answer; text is
//! trimmed; an unknown entity or a broken tree is an error and never a partial answer.

use quick_xml::{
    Reader,
    events::{BytesRef, Event},
};

use crate::CarrierError;

/// Deepest nesting that is read: SOAP answers of carriers stay under twenty.
const DEPTH_MAX: usize = 64;

/// One element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    /// Local name.
    pub name: String,
    /// Attributes by local name.
    pub attributes: Vec<(String, String)>,
    /// Text directly inside, trimmed.
    pub text: String,
    /// Elements inside, in order.
    pub children: Vec<Element>,
}

impl Element {
    /// First child of that name.
    pub(crate) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Children of that name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// Text of the first child of that name, when it has any.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str()).filter(|text| !text.is_empty())
    }

    /// An attribute, when it has a value.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The first element of that name here or below, depth first.
    pub(crate) fn find(&self, name: &str) -> Option<&Element> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }
}

fn broken(what: &str) -> CarrierError {
    CarrierError::garbled(format!("no XML as documented: {what}"))
}

/// Reads a document; the answer is its root.
pub(crate) fn parse(text: &str) -> Result<Element, CarrierError> {
    let mut reader = Reader::from_str(text);
    // The first is a holder of the root.
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().map_err(|_| broken("syntax"))? {
            Event::Start(start) => {
                if open.len() > DEPTH_MAX {
                    return Err(broken("nested too deeply"));
                }
                open.push(element(&start)?);
            }
            Event::Empty(start) => {
                let element = element(&start)?;
                open.last_mut().ok_or_else(|| broken("no root"))?.children.push(element);
            }
            Event::End(_) => {
                let mut done = open.pop().ok_or_else(|| broken("an end too many"))?;
                done.text = done.text.trim().to_owned();
                open.last_mut().ok_or_else(|| broken("an end too many"))?.children.push(done);
            }
            Event::Text(text) => {
                push(&mut open, &text.xml10_content())?;
            }
            Event::CData(data) => {
                push(&mut open, &data.xml10_content())?;
            }
            Event::GeneralRef(reference) => push(&mut open, &entity(&reference)?)?,
            // A document type could define entities: no answer of a carrier has one.
            Event::DocType(_) => return Err(broken("a document type")),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    match (open.pop(), open.is_empty()) {
        (Some(mut holder), true) if holder.children.len() == 1 => {
            holder.children.pop().ok_or_else(|| broken("no root"))
        }
        _ => Err(broken("cut short")),
    }
}

fn push(open: &mut [Element], text: &str) -> Result<(), CarrierError> {
    let last = open.last_mut().ok_or_else(|| broken("no root"))?;
    last.text.push_str(text);
    Ok(())
}

fn element(start: &quick_xml::events::BytesStart<'_>) -> Result<Element, CarrierError> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| broken("an attribute"))?;
        let value = attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0);
        let value = value.map_err(|_| broken("an attribute"))?;
        let name = attribute.key.local_name();
        attributes.push((name.as_ref().to_owned(), value.into_owned()));
    }
    let name = start.local_name().as_ref().to_owned();
    Ok(Element { name, attributes, ..Element::default() })
}

fn entity(reference: &BytesRef<'_>) -> Result<String, CarrierError> {
    if let Some(character) = reference.resolve_char_ref().map_err(|_| broken("a character"))? {
        return Ok(character.to_string());
    }
    let known = quick_xml::escape::resolve_predefined_entity(reference);
    known.map(str::to_owned).ok_or_else(|| broken("an entity"))
}

/// The five characters that XML text cannot hold, escaped; control characters, which XML 1.0 has no
/// way to write, left out.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' | '\t' => out.push(character),
            control if control.is_control() => {}
            other => out.push(other),
        }
    }
    out
}

/// Writes elements in order.
#[derive(Debug, Default)]
pub(crate) struct Writer(String);

impl Writer {
    /// `<name>text</name>`.
    pub(crate) fn leaf(&mut self, name: &str, text: &str) -> &mut Self {
        self.0.push_str(&format!("<{name}>{}</{name}>", escape(text)));
        self
    }

    /// The same, left out when the text is empty.
    pub(crate) fn some(&mut self, name: &str, text: &str) -> &mut Self {
        if text.is_empty() { self } else { self.leaf(name, text) }
    }

    /// `<name>..</name>` around what `inside` writes. `name` may carry attributes
    /// (`a xmlns="b"`), which are not repeated in the end.
    pub(crate) fn nest(&mut self, name: &str, inside: impl FnOnce(&mut Self)) -> &mut Self {
        self.0.push_str(&format!("<{name}>"));
        inside(self);
        let end = name.split(' ').next().unwrap_or_default();
        self.0.push_str(&format!("</{end}>"));
        self
    }

    /// The text so far.
    pub(crate) fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn trees_are_read_by_local_name() {
        let text = "<?xml version='1.0'?><s:Envelope xmlns:s='x'><s:Body a='1 &amp; 2'>\
                    <r> Tasses &amp; th&#233; <![CDATA[<ici>]]> </r><r/><e></e></s:Body></s:Envelope>";
        let root = parse(text).unwrap();
        let body = root.find("Body").unwrap();
        assert_eq!((root.name.as_str(), body.attribute("a")), ("Envelope", Some("1 & 2")));
        assert_eq!(body.get("r"), Some("Tasses & thé <ici>"));
        assert_eq!((body.all("r").count(), body.get("e")), (2, None));
    }

    #[test]
    fn half_a_tree_is_no_tree() {
        for text in ["", "<a>", "<a><b></a>", "</a>", "<a/><b/>", "text", "<a>&nbsp;</a>"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>").is_err());
        let deep = format!("{}{}", "<a>".repeat(2_000), "</a>".repeat(2_000));
        assert!(parse(&deep).is_err());
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_again(text in "[ -~é€<>&\"']{0,40}") {
            let mut writer = Writer::default();
            writer.nest("a xmlns=\"urn:b\"", |inner| {
                inner.leaf("c", &text).some("d", "").some("e", "f");
            });
            let root = parse(&writer.finish()).unwrap();
            proptest::prop_assert_eq!(&root.child("c").unwrap().text, text.trim());
            proptest::prop_assert!(root.child("d").is_none() && root.get("e") == Some("f"));
        }

        #[test]
        fn no_text_makes_a_panic(text in "\\PC{0,60}", tags in "[<>/a&;!\\[\\]?= \"-]{0,60}") {
            let _ = (parse(&text), parse(&tags));
        }
    }
}
