//! Parquet: columns with a name each, in row groups, plain encoding, Zstandard. Written and read here, because the format's
//! plain subset is small and the bytes must be the same for the same rows; every common reader takes it
//! (<https://parquet.apache.org/docs/file-format/>).
//!
//! ```
//! use sim::output::parquet::{Column, Table};
//!
//! let mut table = Table::new(vec![("run".into(), Column::Int(vec![1, 2])), ("lead_s".into(), Column::Float(vec![Some(3.5), None]))]).unwrap();
//! table.notes.insert("plan".into(), "loss".into());
//! let bytes = table.to_bytes().unwrap();
//! assert_eq!(Table::from_bytes(&bytes).unwrap(), table);
//! ```

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use super::thrift::{Value, read_varint, varint};

const MAGIC: &[u8; 4] = b"PAR1";
/// Rows in a row group.
pub const GROUP_ROWS: usize = 65_536;
/// Largest file that is read, and the largest page in it, bytes.
const MAX_BYTES: u64 = 1 << 31;
/// Zstandard's level: fast.
const LEVEL: i32 = 3;
// Figures of the format: encodings, codecs.
const PLAIN: i32 = 0;
const RLE: i32 = 3;
const UNCOMPRESSED: i64 = 0;
const ZSTD: i64 = 6;

/// Values of one column.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Yes or no (BOOLEAN).
    Bool(Vec<bool>),
    /// Whole numbers (INT64).
    Int(Vec<i64>),
    /// Numbers, some missing (optional DOUBLE).
    Float(Vec<Option<f64>>),
    /// Text (BYTE_ARRAY, UTF-8).
    Text(Vec<String>),
}

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ParquetError {
    /// Not readable or writable.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Not a file of the subset that is read here.
    #[error("this Parquet file cannot be read: {0}; give one that `rsu-sim` wrote")]
    Broken(&'static str),
    /// Columns of different lengths.
    #[error("column `{0}` has another number of rows than the first")]
    Ragged(String),
}

/// A table in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Columns in their order, each with its name.
    pub columns: Vec<(String, Column)>,
    /// What else the file says, as key and value.
    pub notes: BTreeMap<String, String>,
}

impl Column {
    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Column::Bool(v) => v.len(),
            Column::Int(v) => v.len(),
            Column::Float(v) => v.len(),
            Column::Text(v) => v.len(),
        }
    }

    /// No rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn physical(&self) -> i32 {
        match self {
            Column::Bool(_) => 0,
            Column::Int(_) => 2,
            Column::Float(_) => 5,
            Column::Text(_) => 6,
        }
    }

    /// The values of `rows` as one page.
    fn page(&self, rows: std::ops::Range<usize>) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Column::Bool(values) => {
                for eight in values[rows].chunks(8) {
                    out.push(eight.iter().enumerate().fold(0, |byte, (i, v)| byte | u8::from(*v) << i));
                }
            }
            Column::Int(values) => values[rows].iter().for_each(|v| out.extend(v.to_le_bytes())),
            Column::Float(values) => {
                let values = &values[rows];
                let mut levels = Vec::new();
                for run in values.chunk_by(|a, b| a.is_some() == b.is_some()) {
                    varint(&mut levels, (run.len() as u64) << 1);
                    levels.push(u8::from(run[0].is_some()));
                }
                out.extend((levels.len() as u32).to_le_bytes());
                out.extend(levels);
                values.iter().flatten().for_each(|v| out.extend(v.to_le_bytes()));
            }
            Column::Text(values) => {
                for text in &values[rows] {
                    out.extend((text.len() as u32).to_le_bytes());
                    out.extend(text.as_bytes());
                }
            }
        }
        out
    }

    fn empty(physical: i64) -> Option<Self> {
        Some(match physical {
            0 => Column::Bool(Vec::new()),
            2 => Column::Int(Vec::new()),
            5 => Column::Float(Vec::new()),
            6 => Column::Text(Vec::new()),
            _ => return None,
        })
    }

    /// Appends the `rows` values of a page; none: it holds something else.
    fn extend(&mut self, page: &[u8], rows: usize) -> Option<()> {
        let mut at = 0_usize;
        let mut take = |n: usize| {
            let bytes = page.get(at..at.checked_add(n)?)?;
            at += n;
            Some(bytes)
        };
        match self {
            Column::Bool(values) => {
                let bytes = take(rows.div_ceil(8))?;
                values.extend((0..rows).map(|i| bytes[i / 8] >> (i % 8) & 1 == 1));
            }
            Column::Int(values) => {
                for _ in 0..rows {
                    values.push(i64::from_le_bytes(take(8)?.try_into().ok()?));
                }
            }
            Column::Float(values) => {
                let length = u32::from_le_bytes(take(4)?.try_into().ok()?) as usize;
                let there = levels(take(length)?, rows)?;
                for there in there {
                    values.push(if there { Some(f64::from_le_bytes(take(8)?.try_into().ok()?)) } else { None });
                }
            }
            Column::Text(values) => {
                for _ in 0..rows {
                    let length = u32::from_le_bytes(take(4)?.try_into().ok()?) as usize;
                    values.push(std::str::from_utf8(take(length)?).ok()?.to_owned());
                }
            }
        }
        Some(())
    }
}

/// Definition levels of one bit: runs only, as written here.
fn levels(bytes: &[u8], rows: usize) -> Option<Vec<bool>> {
    let (mut at, mut there) = (0, Vec::new());
    while there.len() < rows {
        let header = read_varint(bytes, &mut at)?;
        let count = usize::try_from(header >> 1).ok()?;
        if header & 1 == 1 || count == 0 || count > rows - there.len() {
            return None;
        }
        there.extend(std::iter::repeat_n(*bytes.get(at)? == 1, count));
        at += 1;
    }
    Some(there)
}

/// Writes a table one row group after the other.
#[derive(Debug)]
pub struct Writer<W: Write> {
    out: W,
    at: u64,
    schema: Vec<(String, i32)>,
    groups: Vec<Value>,
    rows: i64,
}

impl<W: Write> Writer<W> {
    /// A file with these columns; their values are taken from [`Self::group`] on.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(mut out: W, columns: &[(String, Column)]) -> io::Result<Self> {
        out.write_all(MAGIC)?;
        let schema = columns.iter().map(|(name, column)| (name.clone(), column.physical())).collect();
        Ok(Self { out, at: MAGIC.len() as u64, schema, groups: Vec::new(), rows: 0 })
    }

    /// Writes all rows of `columns`, in groups.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn group(&mut self, columns: &[(String, Column)]) -> io::Result<()> {
        let rows = columns.first().map_or(0, |(_, c)| c.len());
        let mut from = 0;
        while from < rows {
            let to = (from + GROUP_ROWS).min(rows);
            let mut chunks = Vec::new();
            let mut size = 0;
            for (name, column) in columns {
                let (chunk, bytes) = self.chunk(name, column, from..to)?;
                chunks.push(chunk);
                size += bytes;
            }
            self.groups.push(Value::of([
                (1, Value::List(chunks)),
                (2, Value::I64(size)),
                (3, Value::I64((to - from) as i64)),
            ]));
            self.rows += (to - from) as i64;
            from = to;
        }
        Ok(())
    }

    fn chunk(&mut self, name: &str, column: &Column, rows: std::ops::Range<usize>) -> io::Result<(Value, i64)> {
        let count = rows.len();
        let plain = column.page(rows);
        let packed = zstd::bulk::compress(&plain, LEVEL)?;
        let too_large = |_| io::Error::other("a page is larger than 2 GiB");
        let header = Value::of([
            (1, Value::I32(0)),
            (2, Value::I32(i32::try_from(plain.len()).map_err(too_large)?)),
            (3, Value::I32(i32::try_from(packed.len()).map_err(too_large)?)),
            (
                5,
                Value::of([
                    (1, Value::I32(count as i32)),
                    (2, Value::I32(PLAIN)),
                    (3, Value::I32(RLE)),
                    (4, Value::I32(RLE)),
                ]),
            ),
        ]);
        let mut head = Vec::new();
        header.write(&mut head);
        let offset = self.at as i64;
        self.out.write_all(&head)?;
        self.out.write_all(&packed)?;
        self.at += (head.len() + packed.len()) as u64;
        let unpacked = (head.len() + plain.len()) as i64;
        let meta = Value::of([
            (1, Value::I32(column.physical())),
            (2, Value::List(vec![Value::I32(PLAIN), Value::I32(RLE)])),
            (3, Value::List(vec![Value::text(name)])),
            (4, Value::I32(ZSTD as i32)),
            (5, Value::I64(count as i64)),
            (6, Value::I64(unpacked)),
            (7, Value::I64((head.len() + packed.len()) as i64)),
            (9, Value::I64(offset)),
        ]);
        Ok((Value::of([(2, Value::I64(offset)), (3, meta)]), unpacked))
    }

    /// Writes the footer.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self, notes: &BTreeMap<String, String>) -> io::Result<W> {
        let root = Value::of([(4, Value::text("schema")), (5, Value::I32(self.schema.len() as i32))]);
        let mut schema = vec![root];
        for (name, physical) in &self.schema {
            let optional = i32::from(*physical == 5);
            let mut element =
                BTreeMap::from([(1, Value::I32(*physical)), (3, Value::I32(optional)), (4, Value::text(name))]);
            if *physical == 6 {
                element.insert(6, Value::I32(0));
                element.insert(10, Value::of([(1, Value::of([]))]));
            }
            schema.push(Value::Struct(element));
        }
        let notes = notes.iter().map(|(k, v)| Value::of([(1, Value::text(k)), (2, Value::text(v))]));
        let mut footer = BTreeMap::from([
            (1, Value::I32(1)),
            (2, Value::List(schema)),
            (3, Value::I64(self.rows)),
            (4, Value::List(self.groups)),
            (6, Value::text(concat!("rsu-sim version ", env!("CARGO_PKG_VERSION")))),
        ]);
        let notes: Vec<_> = notes.collect();
        if !notes.is_empty() {
            footer.insert(5, Value::List(notes));
        }
        let mut bytes = Vec::new();
        Value::Struct(footer).write(&mut bytes);
        self.out.write_all(&bytes)?;
        self.out.write_all(&(bytes.len() as u32).to_le_bytes())?;
        self.out.write_all(MAGIC)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

impl Table {
    /// A table of these columns.
    ///
    /// # Errors
    /// When they have different lengths.
    pub fn new(columns: Vec<(String, Column)>) -> Result<Self, ParquetError> {
        let rows = columns.first().map_or(0, |(_, c)| c.len());
        match columns.iter().find(|(_, c)| c.len() != rows) {
            Some((name, _)) => Err(ParquetError::Ragged(name.clone())),
            None => Ok(Self { columns, notes: BTreeMap::new() }),
        }
    }

    /// Rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, c)| c.len())
    }

    /// The column with this name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|(n, _)| n == name).map(|(_, column)| column)
    }

    /// The file.
    ///
    /// # Errors
    /// When a page is too large.
    pub fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let mut writer = Writer::new(Vec::new(), &self.columns)?;
        writer.group(&self.columns)?;
        writer.finish(&self.notes)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or is none of ours.
    pub fn read(path: &Path) -> Result<Self, ParquetError> {
        let named = |e: io::Error| io::Error::new(e.kind(), format!("cannot read {}: {e}", path.display()));
        if std::fs::metadata(path).map_err(named)?.len() > MAX_BYTES {
            return Err(ParquetError::Broken("it is larger than 2 GiB"));
        }
        Self::from_bytes(&std::fs::read(path).map_err(named)?)
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// When they are none of ours.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ParquetError> {
        let footer = footer(bytes).ok_or(ParquetError::Broken("its footer is damaged"))?;
        let mut columns = Vec::new();
        for element in footer.field(2).map_or(&[][..], Value::list).iter().skip(1) {
            let column = element.field(1).and_then(Value::int).and_then(Column::empty);
            let name = element.field(4).and_then(Value::as_text);
            let (Some(column), Some(name)) = (column, name) else {
                return Err(ParquetError::Broken("it has a column of another type"));
            };
            let optional = element.field(3).and_then(Value::int) == Some(1);
            if optional != matches!(column, Column::Float(_)) {
                return Err(ParquetError::Broken("a column is optional that must not be, or the other way round"));
            }
            columns.push((name.to_owned(), column));
        }
        for group in footer.field(4).map_or(&[][..], Value::list) {
            let chunks = group.field(1).map_or(&[][..], Value::list);
            if chunks.len() != columns.len() {
                return Err(ParquetError::Broken("a row group lacks a column"));
            }
            for (chunk, (_, column)) in chunks.iter().zip(&mut columns) {
                read_chunk(bytes, chunk, column)
                    .ok_or(ParquetError::Broken("a page is damaged or encoded otherwise"))?;
            }
        }
        let mut table = Self::new(columns)?;
        for note in footer.field(5).map_or(&[][..], Value::list) {
            let part = |id| note.field(id).and_then(Value::as_text).unwrap_or_default().to_owned();
            table.notes.insert(part(1), part(2));
        }
        Ok(table)
    }
}

fn footer(bytes: &[u8]) -> Option<Value> {
    let end = bytes.len().checked_sub(8)?;
    if !bytes.starts_with(MAGIC) || !bytes.ends_with(MAGIC) {
        return None;
    }
    let length = u32::from_le_bytes(bytes[end..end + 4].try_into().ok()?) as usize;
    Value::read(&bytes[end.checked_sub(length)?..end], &mut 0)
}

fn read_chunk(bytes: &[u8], chunk: &Value, column: &mut Column) -> Option<()> {
    let meta = chunk.field(3)?;
    let int = |value: &Value, id| value.field(id).and_then(Value::int);
    let mut at = usize::try_from(int(meta, 9)?).ok()?;
    let mut rows = usize::try_from(int(meta, 5)?).ok()?;
    while rows > 0 {
        let header = Value::read(bytes, &mut at)?;
        let (plain, packed) = (usize::try_from(int(&header, 2)?).ok()?, usize::try_from(int(&header, 3)?).ok()?);
        let body = bytes.get(at..at.checked_add(packed)?)?;
        at += packed;
        let data = header.field(5)?;
        let count = usize::try_from(int(data, 1)?).ok().filter(|n| *n > 0 && *n <= rows)?;
        if int(&header, 1)? != 0 || int(data, 2)? != i64::from(PLAIN) || plain as u64 > MAX_BYTES {
            return None;
        }
        match int(meta, 4)? {
            ZSTD => column.extend(&zstd::bulk::decompress(body, plain).ok()?, count)?,
            UNCOMPRESSED => column.extend(body, count)?,
            _ => return None,
        }
        rows -= count;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: usize) -> Table {
        let numbers = 0..rows;
        Table::new(vec![
            ("run".into(), Column::Int(numbers.clone().map(|i| i as i64 - 5).collect())),
            ("pass".into(), Column::Bool(numbers.clone().map(|i| i % 3 == 0).collect())),
            ("lead".into(), Column::Float(numbers.clone().map(|i| (i % 4 != 1).then_some(i as f64 / 7.0)).collect())),
            ("who".into(), Column::Text(numbers.map(|i| format!("réel {i}")).collect())),
        ])
        .unwrap()
    }

    #[test]
    fn what_is_written_is_read_over_several_row_groups() {
        for rows in [0, 1, 7, 8, 9, GROUP_ROWS + 3] {
            let mut table = table(rows);
            table.notes.insert("plan".into(), "a = 1".into());
            let bytes = table.to_bytes().unwrap();
            assert_eq!(bytes, table.to_bytes().unwrap(), "the same rows give the same bytes");
            assert_eq!(Table::from_bytes(&bytes).unwrap(), table, "{rows} rows");
        }
    }

    #[test]
    fn damaged_files_are_refused_without_a_panic() {
        let bytes = table(50).to_bytes().unwrap();
        for i in 0..bytes.len() {
            assert!(Table::from_bytes(&bytes[..i]).is_err(), "cut at {i}");
            let mut hurt = bytes.clone();
            hurt[i] ^= 0x55;
            // A changed number may still be a number; it must only not end the program.
            let _ = Table::from_bytes(&hurt);
        }
        assert!(Table::from_bytes(b"").is_err());
    }

    #[test]
    fn ragged_columns_are_refused() {
        let ragged = vec![("a".into(), Column::Int(vec![1])), ("b".into(), Column::Int(vec![]))];
        assert!(matches!(Table::new(ragged), Err(ParquetError::Ragged(name)) if name == "b"));
    }
}
