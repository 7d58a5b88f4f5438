//! Thrift's compact protocol, as far as the footer of a Parquet file needs it
//! (<https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>).

use std::collections::BTreeMap;

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const I32: u8 = 5;
const I64: u8 = 6;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;
/// Structures within structures; a footer needs six.
const DEPTH: usize = 16;

/// A value with its field number given by the structure that holds it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Bool(bool),
    I32(i32),
    I64(i64),
    Text(Vec<u8>),
    List(Vec<Value>),
    Struct(BTreeMap<i16, Value>),
}

impl Value {
    pub(super) fn text(text: &str) -> Self {
        Value::Text(text.as_bytes().to_vec())
    }

    /// A structure of these fields.
    pub(super) fn of<const N: usize>(fields: [(i16, Value); N]) -> Self {
        Value::Struct(fields.into_iter().collect())
    }

    pub(super) fn field(&self, id: i16) -> Option<&Value> {
        match self {
            Value::Struct(fields) => fields.get(&id),
            _ => None,
        }
    }

    pub(super) fn int(&self) -> Option<i64> {
        match self {
            Value::I32(v) => Some(i64::from(*v)),
            Value::I64(v) => Some(*v),
            _ => None,
        }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    pub(super) fn list(&self) -> &[Value] {
        match self {
            Value::List(values) => values,
            _ => &[],
        }
    }

    fn kind(&self) -> u8 {
        match self {
            Value::Bool(true) => TRUE,
            Value::Bool(false) => FALSE,
            Value::I32(_) => I32,
            Value::I64(_) => I64,
            Value::Text(_) => BINARY,
            Value::List(_) => LIST,
            Value::Struct(_) => STRUCT,
        }
    }

    /// Appends the value's bytes.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Value::Bool(_) => {}
            Value::I32(v) => varint(out, zigzag(i64::from(*v))),
            Value::I64(v) => varint(out, zigzag(*v)),
            Value::Text(bytes) => {
                varint(out, bytes.len() as u64);
                out.extend_from_slice(bytes);
            }
            Value::List(values) => {
                let kind = values.first().map_or(STRUCT, Value::kind);
                match u8::try_from(values.len()).ok().filter(|n| *n < 15) {
                    Some(n) => out.push(n << 4 | kind),
                    None => {
                        out.push(0xf0 | kind);
                        varint(out, values.len() as u64);
                    }
                }
                values.iter().for_each(|v| v.write(out));
            }
            Value::Struct(fields) => {
                let mut last = 0;
                for (&id, value) in fields {
                    match id - last {
                        delta @ 1..=15 => out.push((delta as u8) << 4 | value.kind()),
                        _ => {
                            out.push(value.kind());
                            varint(out, zigzag(i64::from(id)));
                        }
                    }
                    value.write(out);
                    last = id;
                }
                out.push(0);
            }
        }
    }

    /// Reads a structure; `at` moves behind it. None: the bytes are none.
    pub(super) fn read(bytes: &[u8], at: &mut usize) -> Option<Self> {
        read(bytes, at, STRUCT, DEPTH)
    }
}

fn read(bytes: &[u8], at: &mut usize, kind: u8, depth: usize) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    Some(match kind {
        TRUE | FALSE => Value::Bool(kind == TRUE),
        // Bytes are not varints, but nothing we read has one.
        4 | I32 => Value::I32(i32::try_from(unzigzag(read_varint(bytes, at)?)).ok()?),
        I64 => Value::I64(unzigzag(read_varint(bytes, at)?)),
        7 => {
            *at = at.checked_add(8).filter(|end| *end <= bytes.len())?;
            Value::Bool(false)
        }
        BINARY => {
            let length = usize::try_from(read_varint(bytes, at)?).ok()?;
            let end = at.checked_add(length).filter(|end| *end <= bytes.len())?;
            let text = bytes[*at..end].to_vec();
            *at = end;
            Value::Text(text)
        }
        LIST => {
            let header = take(bytes, at)?;
            let count = match header >> 4 {
                15 => usize::try_from(read_varint(bytes, at)?).ok()?,
                n => usize::from(n),
            };
            let mut values = Vec::new();
            for _ in 0..count {
                let kind = if matches!(header & 15, TRUE | FALSE) { take(bytes, at)? } else { header & 15 };
                values.push(read(bytes, at, kind, depth)?);
            }
            Value::List(values)
        }
        STRUCT => {
            let mut fields = BTreeMap::new();
            let mut last = 0_i16;
            loop {
                let header = take(bytes, at)?;
                if header == 0 {
                    return Some(Value::Struct(fields));
                }
                last = match header >> 4 {
                    0 => i16::try_from(unzigzag(read_varint(bytes, at)?)).ok()?,
                    delta => last.checked_add(i16::from(delta))?,
                };
                fields.insert(last, read(bytes, at, header & 15, depth)?);
            }
        }
        _ => return None,
    })
}

fn take(bytes: &[u8], at: &mut usize) -> Option<u8> {
    let byte = *bytes.get(*at)?;
    *at += 1;
    Some(byte)
}

pub(super) fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(super) fn read_varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, at)?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let many = Value::List((0..20).map(Value::I64).collect());
        let value = Value::of([
            (1, Value::I32(-3)),
            (2, Value::I64(i64::MIN)),
            (3, Value::text("ä")),
            (4, many),
            (30, Value::Bool(true)),
            (31, Value::of([(5, Value::List(Vec::new()))])),
        ]);
        let mut bytes = Vec::new();
        value.write(&mut bytes);
        // Field 1, type 5, zigzag of -3.
        assert_eq!(bytes[..2], [0x15, 5]);
        let mut at = 0;
        assert_eq!(Value::read(&bytes, &mut at), Some(value));
        assert_eq!(at, bytes.len());
        for end in 0..bytes.len() {
            assert_eq!(Value::read(&bytes[..end], &mut 0), None, "cut at {end}");
        }
    }

    #[test]
    fn garbage_ends() {
        assert_eq!(Value::read(&[0x1c; 100], &mut 0), None, "structures within structures");
        assert_eq!(Value::read(&[0x19, 0xf5, 0xff, 0xff, 0xff, 0x7f], &mut 0), None, "a list without end");
    }
}
