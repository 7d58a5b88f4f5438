//! The schema as a table of shapes, for whoever walks through messages without knowing their Rust types: what is in a
//! type, in which order, with which limits, under the names of the standard; and what the octets of open types hold.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use asn1rs::model::{Asn, Charset, Model, Size, Type};

use crate::Failure;

/// What stands in the schema's comments that begin with `--@`.
#[derive(Default)]
struct Marks<'a> {
    /// Type and component that is open, and the component that selects its content.
    selected: BTreeMap<(&'a str, &'a str), &'a str>,
    /// Type, number of the selector, name of the content.
    opens: Vec<(&'a str, i64, &'a str)>,
    /// Contents that nobody has seen on air.
    experimental: BTreeSet<&'a str>,
    /// Types that are object identifiers; whether relative.
    identifiers: BTreeMap<&'a str, bool>,
}

/// The table, as one Rust expression.
pub fn table(model: &Model<Asn>, text: &str) -> Result<String, Failure> {
    let marks = marks(text)?;
    let mut definitions: Vec<_> = model.definitions.iter().collect();
    definitions.sort_by_key(|definition| definition.name());
    let places: BTreeMap<&str, usize> = definitions.iter().enumerate().map(|(i, d)| (d.name(), i)).collect();
    let mut out = String::from("Schema {\n    types: &[\n");
    for definition in &definitions {
        let writer = ShapeWriter { marks: &marks, places: &places, around: definition.name() };
        let shape = match marks.identifiers.get(definition.name()) {
            Some(relative) => format!("Shape::Identifier {{ relative: {relative} }}"),
            None => writer.shape(&definition.value().r#type)?,
        };
        writeln!(out, "        Named {{ name: {:?}, shape: {shape} }},", definition.name())?;
    }
    out.push_str("    ],\n    opens: &[\n");
    let place = |name: &str| places.get(name).ok_or_else(|| format!("{name} is no type of this schema"));
    let mut opens = Vec::new();
    for (container, number, content) in &marks.opens {
        opens.push((place(container)?, number, place(content)?, marks.experimental.contains(content)));
    }
    opens.sort();
    for (container, number, content, experimental) in opens {
        let numbers = format!("container: {container}, number: {number}, content: {content}");
        writeln!(out, "        Open {{ {numbers}, experimental: {experimental} }},")?;
    }
    out.push_str("    ],\n}\n");
    Ok(out)
}

fn marks(text: &str) -> Result<Marks<'_>, Failure> {
    let mut marks = Marks::default();
    for line in text.lines().filter_map(|line| line.strip_prefix("--@ ")) {
        match line.split(' ').collect::<Vec<_>>().as_slice() {
            ["selected", container, open, selector] => {
                marks.selected.insert((container, open), selector);
            }
            ["open", container, number, content] => marks.opens.push((container, number.parse()?, content)),
            ["experimental", name] => {
                marks.experimental.insert(name);
            }
            ["oid", name] => {
                marks.identifiers.insert(name, false);
            }
            ["relative-oid", name] => {
                marks.identifiers.insert(name, true);
            }
            _ => return Err(format!("no such mark: {line}").into()),
        }
    }
    Ok(marks)
}

struct ShapeWriter<'a> {
    marks: &'a Marks<'a>,
    places: &'a BTreeMap<&'a str, usize>,
    /// The type whose parts are being written.
    around: &'a str,
}

impl ShapeWriter<'_> {
    fn shape(&self, kind: &Type) -> Result<String, Failure> {
        Ok(match kind {
            Type::Boolean => "Shape::Boolean".to_owned(),
            Type::Null => "Shape::Null".to_owned(),
            Type::Integer(integer) => {
                let (least, most) = (integer.range.min(), integer.range.max());
                let extensible = integer.range.extensible();
                format!("Shape::Integer {{ least: {least:?}, most: {most:?}, extensible: {extensible} }}")
            }
            Type::Enumerated(list) => {
                let names: Vec<&str> = list.variants().map(|variant| variant.name()).collect();
                let root = list.extension_after_index().map_or(names.len(), |last| last + 1);
                format!("Shape::Enumerated {{ names: &{names:?}, root: {root}, extensible: {} }}", list.is_extensible())
            }
            Type::BitString(bits) => {
                format!("Shape::Bits {{ names: &{:?}, size: {} }}", bits.constants, size(&bits.size))
            }
            Type::OctetString(limits) => format!("Shape::Octets {{ size: {} }}", size(limits)),
            Type::String(limits, Charset::Ia5) => format!("Shape::Ascii {{ size: {} }}", size(limits)),
            Type::SequenceOf(element, limits) => {
                format!("Shape::List {{ of: &{}, size: {} }}", self.shape(element)?, size(limits))
            }
            Type::Sequence(list) => {
                let parts = list.fields.iter().map(|field| self.component(&field.name, &field.role.r#type));
                parts_of("Sequence", parts, list.extension_after)?
            }
            Type::Choice(choice) => {
                let parts = choice.variants().map(|variant| self.component(variant.name(), variant.r#type()));
                parts_of("Choice", parts, choice.extension_after_index())?
            }
            Type::TypeReference(name, _) => {
                let place = self.places.get(name.as_str()).ok_or_else(|| format!("no type {name}"))?;
                format!("Shape::Reference({place})")
            }
            other => return Err(format!("{}: nothing provides for {other:?}", self.around).into()),
        })
    }

    fn component(&self, name: &str, kind: &Type) -> Result<String, Failure> {
        let (optional, kind) = match kind {
            Type::Optional(inner) => (true, &**inner),
            other => (false, other),
        };
        let shape = match self.marks.selected.get(&(self.around, name)) {
            Some(selector) => {
                let container = self.places.get(self.around).copied().unwrap_or_default();
                format!("Shape::Open {{ container: {container}, selector: {selector:?} }}")
            }
            None => self.shape(kind)?,
        };
        Ok(format!("Component {{ name: {name:?}, optional: {optional}, shape: {shape} }}"))
    }
}

fn parts_of(
    kind: &str,
    parts: impl Iterator<Item = Result<String, Failure>>,
    extension_after: Option<usize>,
) -> Result<String, Failure> {
    let parts = parts.collect::<Result<Vec<_>, _>>()?;
    let root = extension_after.map_or(parts.len(), |last| last + 1);
    let extensible = extension_after.is_some();
    Ok(format!("Shape::{kind} {{ parts: &[{}], root: {root}, extensible: {extensible} }}", parts.join(", ")))
}

fn size(size: &Size) -> String {
    let wide = |limit: Option<&usize>| limit.map(|limit| *limit as u64);
    format!("Size::new({:?}, {:?}, {})", wide(size.min()), wide(size.max()), size.extensible())
}
