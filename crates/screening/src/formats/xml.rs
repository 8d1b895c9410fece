//! Large XML files read record by record: only one entry is held as a tree at a time.

use quick_xml::{Reader, events::BytesRef, events::BytesStart, events::Event};

use crate::list::ReadError;

/// Deepest nesting that is read; the lists stay under fifteen.
const DEPTH_MAX: usize = 40;

/// One element, by local name.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Node>,
}

impl Node {
    /// An attribute that says something.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// The text directly inside, when there is any.
    pub(super) fn text(&self) -> Option<&str> {
        Some(self.text.trim()).filter(|text| !text.is_empty())
    }

    /// Text of the first child of that name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.child(name).and_then(Node::text)
    }

    pub(super) fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Children of that name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// Elements of that name anywhere below.
    pub(super) fn below<'a>(&'a self, name: &str) -> Vec<&'a Node> {
        let mut found = Vec::new();
        let mut open: Vec<&Node> = self.children.iter().rev().collect();
        while let Some(node) = open.pop() {
            if node.name == name {
                found.push(node);
            }
            open.extend(node.children.iter().rev());
        }
        found
    }
}

/// Hands over the root without its children first, then every element of one of these names.
pub(super) fn records(
    text: &str,
    wanted: &[&str],
    mut each: impl FnMut(Node),
) -> Result<(), ReadError> {
    let broken = |what| ReadError::Syntax(what);
    let mut reader = Reader::from_str(text);
    // Elements inside the record that is being read, and how deep everything is.
    let (mut open, mut depth, mut roots): (Vec<Node>, usize, usize) = (Vec::new(), 0, 0);
    loop {
        let event = reader.read_event().map_err(|_| broken("no XML"))?;
        match event {
            Event::Start(start) => {
                depth += 1;
                if depth > DEPTH_MAX {
                    return Err(broken("nested too deeply"));
                }
                let node = node(&start)?;
                if depth == 1 {
                    roots += 1;
                    each(node);
                } else if !open.is_empty() || wanted.contains(&node.name.as_str()) {
                    open.push(node);
                }
            }
            Event::Empty(start) => {
                let node = node(&start)?;
                match open.last_mut() {
                    Some(last) => last.children.push(node),
                    None if wanted.contains(&node.name.as_str()) => each(node),
                    None => {}
                }
            }
            Event::End(_) => {
                depth = depth.checked_sub(1).ok_or(broken("an end too many"))?;
                if let Some(done) = open.pop() {
                    match open.last_mut() {
                        Some(parent) => parent.children.push(done),
                        None => each(done),
                    }
                }
            }
            Event::Text(text) => push(&mut open, &text.xml10_content()),
            Event::CData(data) => push(&mut open, &data.xml10_content()),
            Event::GeneralRef(reference) if !open.is_empty() => {
                push(&mut open, &entity(&reference)?);
            }
            // A document type could define entities; no list has one.
            Event::DocType(_) => return Err(broken("a document type")),
            Event::GeneralRef(_) | Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    match (depth, roots) {
        (0, 1) => Ok(()),
        _ => Err(broken("cut short")),
    }
}

fn push(open: &mut [Node], text: &str) {
    if let Some(last) = open.last_mut() {
        last.text.push_str(text);
    }
}

fn node(start: &BytesStart<'_>) -> Result<Node, ReadError> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| ReadError::Syntax("an attribute"))?;
        let value = attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0);
        let value = value.map_err(|_| ReadError::Syntax("an attribute"))?;
        attributes.push((attribute.key.local_name().as_ref().to_owned(), value.into_owned()));
    }
    let name = start.local_name().as_ref().to_owned();
    Ok(Node { name, attributes, ..Node::default() })
}

fn entity(reference: &BytesRef<'_>) -> Result<String, ReadError> {
    let character = reference.resolve_char_ref().map_err(|_| ReadError::Syntax("a character"))?;
    if let Some(character) = character {
        return Ok(character.to_string());
    }
    let known = quick_xml::escape::resolve_predefined_entity(reference);
    known.map(str::to_owned).ok_or(ReadError::Syntax("an entity"))
}
