//! Random valid messages, for tests: every value is drawn along the shapes of a schema.

use serde_json::{Map, Value, json};

use super::UNKNOWN;
use crate::hex::to_hex;
use crate::shape::{Component, Schema, Shape};
use crate::uper::Size;

/// List elements beyond what the type demands, all lists together.
const SPARE_ELEMENTS: u64 = 60;

const GRAPHIC: &[u8] =
    b" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";

/// Draws values of any type of a schema.
pub(super) struct Sampler<'a> {
    draw: &'a mut dyn FnMut() -> u64,
    schema: &'static Schema,
    spare: u64,
}

impl<'a> Sampler<'a> {
    /// A random value.
    pub(super) fn whole(draw: &'a mut dyn FnMut() -> u64, schema: &'static Schema, shape: &'static Shape) -> Value {
        Sampler { draw, schema, spare: SPARE_ELEMENTS }.value(shape)
    }

    fn below(&mut self, most: u64) -> u64 {
        (self.draw)() % most.max(1)
    }

    /// One time in `n`.
    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn value(&mut self, shape: &'static Shape) -> Value {
        match shape {
            Shape::Reference(_) => self.value(self.schema.resolve(shape)),
            Shape::Boolean => json!(self.one_in(2)),
            Shape::Null => Value::Null,
            Shape::Integer { least, most, .. } => json!(self.integer(*least, *most)),
            Shape::Enumerated { names, .. } => json!(names.get(self.below(names.len() as u64) as usize)),
            Shape::Bits { size, .. } => self.bit_string(*size),
            Shape::Octets { size } => {
                let length = self.length(*size);
                self.octets(length)
            }
            Shape::Ascii { size } => self.text(*size),
            Shape::Identifier { relative } => self.identifier(*relative),
            Shape::List { of, size } => self.list(of, *size),
            Shape::Sequence { parts, root, .. } => self.sequence(parts, *root),
            Shape::Choice { parts, .. } => match parts.get(self.below(parts.len() as u64) as usize) {
                Some(part) => json!({ "choice": part.name, "value": self.value(&part.shape) }),
                None => Value::Null,
            },
            Shape::Open { .. } => self.unknown_content(),
        }
    }

    /// Optional components and additions are there every other time.
    fn sequence(&mut self, parts: &'static [Component], root: usize) -> Value {
        let mut object = Map::new();
        for (index, part) in parts.iter().enumerate() {
            let demanded = index < root && !part.optional;
            if demanded || self.one_in(2) {
                let value = match part.shape {
                    Shape::Open { container, selector } => self.open_type(container, selector, &mut object),
                    _ => self.value(&part.shape),
                };
                object.insert(part.name.to_owned(), value);
            }
        }
        Value::Object(object)
    }

    /// A number that selects one of the known contents, and that content; now and then an unknown one.
    fn open_type(&mut self, container: usize, selector: &str, object: &mut Map<String, Value>) -> Value {
        let known: Vec<_> = self.schema.contents(container).collect();
        let chosen = match known.get(self.below(known.len() as u64) as usize) {
            Some(chosen) if !self.one_in(16) => *chosen,
            _ => {
                let number = object.get(selector).and_then(Value::as_i64).unwrap_or_default();
                if let Some((_, content)) = known.iter().find(|(of_known, _)| *of_known == number) {
                    return json!({ "choice": content.name, "value": self.value(&content.shape) });
                }
                return self.unknown_content();
            }
        };
        object.insert(selector.to_owned(), json!(chosen.0));
        json!({ "choice": chosen.1.name, "value": self.value(&chosen.1.shape) })
    }

    fn unknown_content(&mut self) -> Value {
        let length = 1 + self.below(20);
        json!({ "choice": UNKNOWN, "value": self.octets(length) })
    }

    fn length(&mut self, size: Size) -> u64 {
        let room = size.most.map_or(u64::MAX, |most| most.saturating_sub(size.least));
        size.least + self.below(room.min(40).saturating_add(1))
    }

    fn list(&mut self, of: &'static Shape, size: Size) -> Value {
        let room = size.most.map_or(u64::MAX, |most| most.saturating_sub(size.least)).min(self.spare);
        let longest = if self.one_in(4) { room } else { room.min(2) };
        let more = self.below(longest.saturating_add(1));
        self.spare -= more;
        Value::Array((0..size.least + more).map(|_| self.value(of)).collect())
    }

    /// The ends of the range come up often.
    fn integer(&mut self, least: Option<i64>, most: Option<i64>) -> i64 {
        let (least, most) = (least.unwrap_or(i64::MIN), most.unwrap_or(i64::MAX));
        match self.below(8) {
            0 => least,
            1 => most,
            _ => least.wrapping_add_unsigned(self.below(most.abs_diff(least).saturating_add(1))),
        }
    }

    fn text(&mut self, size: Size) -> Value {
        let length = self.length(size);
        let letters = (0..length).filter_map(|_| GRAPHIC.get(self.below(GRAPHIC.len() as u64) as usize));
        Value::String(letters.map(|letter| char::from(*letter)).collect())
    }

    fn octets(&mut self, length: u64) -> Value {
        let octets: Vec<u8> = (0..length).map(|_| (self.draw)() as u8).collect();
        json!({ "hex": to_hex(&octets) })
    }

    fn identifier(&mut self, relative: bool) -> Value {
        let mut numbers = if relative { vec![] } else { vec![self.below(3), self.below(40)] };
        for _ in 0..=self.below(4) {
            let bits = self.below(40);
            numbers.push(self.below(1 << bits));
        }
        json!(numbers)
    }

    /// Where the size is extensible, another one comes up now and then.
    fn bit_string(&mut self, size: Size) -> Value {
        let mut bits = self.length(size);
        if size.extensible && self.one_in(8) {
            bits = size.most.unwrap_or(bits) + 1 + self.below(9);
        }
        let digits: String = (0..bits).map(|_| if self.one_in(2) { '1' } else { '0' }).collect();
        json!({ "bits": digits })
    }
}
