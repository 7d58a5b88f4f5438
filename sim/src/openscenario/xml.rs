//! An XML file as a tree of owned elements that know their lines. Bounded in size, depth and count; a DOCTYPE is refused,
//! so that no entity can blow up.

use std::path::Path;
use std::sync::Arc;

use super::complaint::Complaint;
use super::limits;

/// One element with its attributes, its children and its place in the file.
#[derive(Clone, Debug)]
pub struct Element {
    /// Name without name space.
    pub name: String,
    /// Line in the file, from 1.
    pub line: u32,
    /// File it stands in.
    pub file: Arc<str>,
    /// Attributes in the order of the file, as written.
    pub attributes: Vec<(String, String)>,
    /// Child elements in the order of the file.
    pub children: Vec<Element>,
    /// Text directly inside.
    pub text: String,
}

impl Element {
    /// The first child of this name.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|c| c.name == name)
    }

    /// All children of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |c| c.name == name)
    }

    /// An attribute as written.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// A complaint about this element.
    pub fn complain(&self, what: impl Into<String>, remedy: impl Into<String>) -> Complaint {
        Complaint {
            file: self.file.to_string(),
            line: self.line,
            element: self.name.clone(),
            what: what.into(),
            remedy: remedy.into(),
        }
    }
}

/// Reads a file.
///
/// # Errors
/// When the file cannot be read, is too large, is no XML or carries a DOCTYPE.
pub fn read(path: &Path) -> Result<Element, Complaint> {
    let name = path.display().to_string();
    let bad = |e: std::io::Error| Complaint::file(&name, format!("cannot be read: {e}"), "check the path");
    let size = std::fs::metadata(path).map_err(bad)?;
    if !size.is_file() {
        return Err(Complaint::file(&name, "is not a file", "give the path of a file"));
    }
    if size.len() > limits::FILE_BYTES {
        let what = format!("has {} bytes, more than {}", size.len(), limits::FILE_BYTES);
        return Err(Complaint::file(&name, what, "split the scenario or move entries to catalogs"));
    }
    let bytes = std::fs::read(path).map_err(bad)?;
    let text = String::from_utf8(bytes)
        .map_err(|e| Complaint::file(&name, format!("is not UTF-8: {e}"), "save the file as UTF-8"))?;
    parse(&text, &name)
}

/// Reads XML text; `name` is said in complaints.
///
/// # Errors
/// As [`read`].
pub fn parse(text: &str, name: &str) -> Result<Element, Complaint> {
    let at = |line: u32, what: String, remedy: &str| Complaint { line, ..Complaint::file(name, what, remedy) };
    let text = text.trim_start_matches('\u{feff}');
    bound_depth(text).map_err(|line| {
        let what = format!("elements are nested deeper than {}", limits::DEPTH);
        at(line, what, "OpenSCENARIO needs no such depth: repair the file")
    })?;
    let options =
        roxmltree::ParsingOptions { allow_dtd: false, nodes_limit: 4 * limits::ELEMENTS as u32, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(text, options).map_err(|e| match e {
        roxmltree::Error::DtdDetected => at(1, "has a DOCTYPE".into(), "take it out: entities are not expanded"),
        roxmltree::Error::NodesLimitReached => {
            at(0, format!("has more than {} elements", limits::ELEMENTS), "split the scenario")
        }
        e => at(e.pos().row, format!("is not well-formed XML: {e}"), "repair the XML"),
    })?;
    let lines: Vec<usize> = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i).collect();
    let file: Arc<str> = name.into();
    let mut count = 0;
    own(document.root_element(), &file, &lines, &mut count)
        .ok_or_else(|| at(0, format!("has more than {} elements", limits::ELEMENTS), "split the scenario"))
}

fn own(node: roxmltree::Node<'_, '_>, file: &Arc<str>, lines: &[usize], count: &mut usize) -> Option<Element> {
    *count += 1;
    if *count > limits::ELEMENTS {
        return None;
    }
    let children = node.children().filter(roxmltree::Node::is_element);
    Some(Element {
        name: node.tag_name().name().into(),
        line: lines.partition_point(|&l| l < node.range().start) as u32 + 1,
        file: file.clone(),
        attributes: node
            .attributes()
            .filter(|a| a.namespace().is_none())
            .map(|a| (a.name().to_owned(), a.value().to_owned()))
            .collect(),
        children: children.map(|c| own(c, file, lines, count)).collect::<Option<_>>()?,
        text: node.text().unwrap_or_default().trim().into(),
    })
}

/// The line where elements are nested too deep; looked for before parsing, because parsers may recurse.
fn bound_depth(text: &str) -> Result<(), u32> {
    let bytes = text.as_bytes();
    let (mut depth, mut i) = (0usize, 0usize);
    while let Some(open) = bytes[i..].iter().position(|b| *b == b'<') {
        i += open;
        let rest = &text[i..];
        let skip = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")].into_iter().find(|(a, _)| rest.starts_with(a));
        if let Some((_, end)) = skip {
            i += rest.find(end).map_or(rest.len(), |e| e + end.len());
            continue;
        }
        let (end, empty) = tag_end(&bytes[i..]);
        if rest.starts_with("</") {
            depth = depth.saturating_sub(1);
        } else if !rest.starts_with("<!") && !empty {
            depth += 1;
            if depth > limits::DEPTH {
                return Err(bytes[..i].iter().filter(|b| **b == b'\n').count() as u32 + 1);
            }
        }
        i += end;
    }
    Ok(())
}

/// Length of the tag, and whether it closes itself.
fn tag_end(tag: &[u8]) -> (usize, bool) {
    let mut quote = None;
    for (i, b) in tag.iter().enumerate() {
        match (quote, b) {
            (None, b'"' | b'\'') => quote = Some(*b),
            (Some(q), b) if q == *b => quote = None,
            (None, b'>') => return (i + 1, i > 0 && tag[i - 1] == b'/'),
            _ => {}
        }
    }
    (tag.len(), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_know_their_lines() {
        let root =
            parse("<?xml version=\"1.0\"?>\n<A>\n <B x='1'/>\n <!-- <deep> -->\n <C>text</C></A>", "a.xosc").unwrap();
        assert_eq!((root.line, root.children[0].line, root.children[1].line), (2, 3, 5));
        assert_eq!(root.child("B").unwrap().raw("x"), Some("1"));
        assert_eq!(root.child("C").unwrap().text, "text");
    }

    #[test]
    fn a_doctype_is_refused_before_any_entity_expands() {
        let bomb = "<!DOCTYPE a [<!ENTITY x \"ha\"><!ENTITY y \"&x;&x;&x;\">]>\n<a>&y;</a>";
        let complaint = parse(bomb, "bomb.xosc").unwrap_err();
        assert!(complaint.to_string().contains("DOCTYPE"), "{complaint}");
    }

    #[test]
    fn a_million_nested_elements_are_refused_with_their_line() {
        let deep = "<a>\n".repeat(1_000_000);
        let complaint = parse(&deep, "deep.xosc").unwrap_err();
        assert_eq!(complaint.line, limits::DEPTH as u32 + 1, "{complaint}");
    }

    #[test]
    fn a_million_brothers_are_refused() {
        let many = format!("<a>{}</a>", "<b/>".repeat(1_000_000));
        assert!(parse(&many, "many.xosc").unwrap_err().what.contains("more than"));
    }

    #[test]
    fn broken_xml_is_refused_with_its_line() {
        let complaint = parse("<a>\n<b>\n</a>", "broken.xosc").unwrap_err();
        assert_eq!(complaint.line, 3, "{complaint}");
    }
}
