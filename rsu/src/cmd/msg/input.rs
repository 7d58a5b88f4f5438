//! Where messages come from: digits given as an argument, or a file or standard input with hexadecimal digits, one message
//! a line, a hex dump, a packet capture, or one message in raw octets. They are taken as they come, so that a pipe is
//! answered at once, and never more than one of them is kept.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use anyhow::Context;
use v2x_msgs::hex::{self, HexError};
use v2x_msgs::net::NetError;
use v2x_msgs::net::capture::Capture;

use super::captured::{Captured, Place};
use super::dump;
use super::line::{Line, Lines};
use crate::limits::{MESSAGE_LINE_BYTES, MESSAGE_RAW_BYTES};

/// Octets read at once.
const CHUNK: usize = 64 << 10;

/// An opened input, with the name it has in errors.
pub(super) struct Source {
    pub name: String,
    pub reader: BufReader<Box<dyn Read + Send>>,
}

impl Source {
    /// A file, or standard input for `-`.
    pub(super) fn of(file: &Path) -> anyhow::Result<Source> {
        if file.as_os_str() == "-" {
            return Ok(Source::new("standard input".to_owned(), io::stdin()));
        }
        let name = file.display().to_string();
        let opened = File::open(file).with_context(|| format!("cannot open {name}"))?;
        Ok(Source::new(name, opened))
    }

    pub(super) fn new(name: String, reader: impl Read + Send + 'static) -> Source {
        Source { name, reader: BufReader::with_capacity(CHUNK, Box::new(reader)) }
    }

    /// Its lines.
    pub(super) fn lines(self) -> Lines {
        Lines::new(self.reader, MESSAGE_LINE_BYTES)
    }
}

/// Why a line is no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum InputError {
    /// Not hexadecimal.
    #[error(transparent)]
    Hex(#[from] HexError),
    /// A frame around a message is broken.
    #[error(transparent)]
    Frame(#[from] NetError),
    /// Too long.
    #[error("more than {MESSAGE_LINE_BYTES} characters; one message stands in a line")]
    LineTooLong,
    /// Too many octets.
    #[error("more than {MESSAGE_RAW_BYTES} octets in one message")]
    TooLong,
    /// A line of a dump is missing, or stands twice.
    #[error("a dump goes on at offset {expected:#x}, this line has {found:#x}")]
    Offset {
        /// Octets so far.
        expected: u64,
        /// What the line says.
        found: u64,
    },
}

/// One message, or what should have been one.
#[derive(Debug)]
pub(super) struct Found {
    /// Its octets.
    pub octets: Result<Vec<u8>, InputError>,
    /// Where it stood, for errors: `heard.hex, line 3`.
    pub place: String,
    /// Where in a capture, and through which layers it was reached.
    pub captured: Option<Place>,
}

/// The messages of an input, in their order.
pub(super) struct Messages {
    name: String,
    form: Form,
}

enum Form {
    Lines(Lines),
    Dump { lines: Lines, held: Option<(u64, String)> },
    Raw(Option<Result<Vec<u8>, InputError>>),
    Capture(Box<Captured>),
}

impl Messages {
    /// Of an argument.
    pub(super) fn of_text(digits: String) -> Messages {
        let one_line = digits.replace(['\n', '\r'], " ");
        let source = Source::new("--hex".to_owned(), io::Cursor::new(one_line.into_bytes()));
        Messages { name: source.name.clone(), form: Form::Lines(source.lines()) }
    }

    /// Of a file or a pipe. What begins with something else than text is a capture, or one message in raw octets.
    pub(super) fn of(mut source: Source) -> anyhow::Result<Messages> {
        let name = source.name.clone();
        let start = source.reader.fill_buf().with_context(|| format!("cannot read {name}"))?;
        let is_text = start.iter().all(|b| b.is_ascii_graphic() || b.is_ascii_whitespace());
        let form = if Capture::is_likely(start) {
            let capture = Capture::open(source.reader).with_context(|| name.clone())?;
            Form::Capture(Box::new(Captured::new(capture, name.clone())))
        } else if !is_text {
            let mut octets = Vec::new();
            let mut limited = source.reader.take(MESSAGE_RAW_BYTES as u64 + 1);
            limited.read_to_end(&mut octets).with_context(|| format!("cannot read {name}"))?;
            Form::Raw(Some(if octets.len() > MESSAGE_RAW_BYTES { Err(InputError::TooLong) } else { Ok(octets) }))
        } else if first_line(start).is_some_and(|text| dump::line(text).is_some_and(|(offset, _)| offset == 0)) {
            Form::Dump { lines: source.lines(), held: None }
        } else {
            Form::Lines(source.lines())
        };
        Ok(Messages { name, form })
    }

    /// Whether the next message is not wholly there yet.
    pub(super) fn would_wait(&self) -> bool {
        match &self.form {
            Form::Lines(lines) => lines.would_wait(),
            _ => false,
        }
    }

    /// What a capture held beside messages, once all of it was read.
    pub(super) fn captured(&self) -> Option<&Captured> {
        match &self.form {
            Form::Capture(captured) => Some(captured),
            _ => None,
        }
    }

    fn place(&self, line: u64) -> String {
        if self.name == "--hex" { self.name.clone() } else { format!("{}, line {line}", self.name) }
    }

    /// The next line with something in it.
    fn next_line(&mut self) -> io::Result<Option<Found>> {
        let Form::Lines(lines) = &mut self.form else { return Ok(None) };
        let octets = loop {
            match lines.next()? {
                None => return Ok(None),
                Some(Line::TooLong) => break Err(InputError::LineTooLong),
                Some(Line::Text(text)) => {
                    let text = String::from_utf8_lossy(text);
                    let digits = text.trim();
                    if !digits.is_empty() && !digits.starts_with('#') {
                        break hex::from_hex(digits).map_err(InputError::from);
                    }
                }
            }
        };
        let line = lines.number();
        Ok(Some(Found { octets, place: self.place(line), captured: None }))
    }

    /// The lines of a dump up to the next offset 0.
    fn next_dump(&mut self) -> io::Result<Option<Found>> {
        let Form::Dump { lines, held } = &mut self.form else { return Ok(None) };
        let (mut octets, mut begin, mut wrong) = (Vec::new(), 0, None);
        let mut take = |number: u64, text: &str| -> bool {
            let parsed = dump::line(text).map(|(offset, digits)| (offset, hex::from_hex(digits)));
            let expected = octets.len() as u64;
            match parsed {
                None => wrong = wrong.take().or(hex::from_hex(text).err().map(InputError::from)),
                Some((0, _)) if expected > 0 || wrong.is_some() => return false,
                Some((found, _)) if found != expected && wrong.is_none() => {
                    wrong = Some(InputError::Offset { expected, found });
                }
                Some((_, Err(error))) => wrong = wrong.take().or(Some(error.into())),
                Some((_, Ok(more))) if octets.len() + more.len() <= MESSAGE_RAW_BYTES => octets.extend(more),
                Some(_) => wrong = wrong.take().or(Some(InputError::TooLong)),
            }
            if begin == 0 || wrong.is_none() {
                begin = if begin == 0 { number } else { begin };
            }
            true
        };
        if let Some((number, text)) = held.take() {
            take(number, &text);
        }
        loop {
            let text = match lines.next()? {
                None => break,
                Some(Line::TooLong) => "this line is too long to be one of a dump".to_owned(),
                Some(Line::Text(text)) => String::from_utf8_lossy(text).into_owned(),
            };
            let number = lines.number();
            if !text.trim().is_empty() && !text.starts_with('#') && !take(number, &text) {
                *held = Some((number, text));
                break;
            }
        }
        if begin == 0 {
            return Ok(None);
        }
        let octets = wrong.map_or(Ok(octets), Err);
        Ok(Some(Found { octets, place: self.place(begin), captured: None }))
    }
}

fn first_line(start: &[u8]) -> Option<&str> {
    let lines = start.split(|b| *b == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
    lines.into_iter().find(|line| !line.trim().is_empty() && !line.starts_with('#'))
}

impl Iterator for Messages {
    type Item = anyhow::Result<Found>;

    fn next(&mut self) -> Option<anyhow::Result<Found>> {
        let found = match &mut self.form {
            Form::Raw(octets) => {
                let octets = octets.take()?;
                return Some(Ok(Found { octets, place: self.name.clone(), captured: None }));
            }
            Form::Capture(captured) => return captured.next(),
            Form::Lines(_) => self.next_line(),
            Form::Dump { .. } => self.next_dump(),
        };
        found.with_context(|| format!("cannot read {}", self.name)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(input: &'static [u8]) -> Vec<(Result<Vec<u8>, InputError>, String)> {
        let source = Source::new("in".to_owned(), input);
        Messages::of(source).unwrap().map(|m| m.unwrap()).map(|m| (m.octets, m.place)).collect()
    }

    #[test]
    fn lines_are_messages_and_blank_lines_and_remarks_are_not() {
        assert_eq!(
            found(b"# two\n0a0b\n\n  FF \nxy\n"),
            [
                (Ok(vec![0x0a, 0x0b]), "in, line 2".to_owned()),
                (Ok(vec![0xff]), "in, line 4".to_owned()),
                (Err(InputError::Hex(HexError::Digit { at: 1, found: 'x' })), "in, line 5".to_owned())
            ]
        );
        assert_eq!(found(b""), []);
    }

    #[test]
    fn raw_octets_are_one_message() {
        assert_eq!(found(&[0x44, 0xd8, 0x0a, 0x30]), [(Ok(vec![0x44, 0xd8, 0x0a, 0x30]), "in".to_owned())]);
        static LONG: [u8; MESSAGE_RAW_BYTES + 1] = [0xff; MESSAGE_RAW_BYTES + 1];
        assert_eq!(found(&LONG)[0].0, Err(InputError::TooLong));
    }

    #[test]
    fn a_dump_is_a_message_up_to_the_next_offset_of_zero() {
        let dump = b"00000000: 0a0b 0c0d  ....\n00000004: ff  .\n\n00000000: 01  .\n";
        assert_eq!(
            found(dump),
            [(Ok(vec![0x0a, 0x0b, 0x0c, 0x0d, 0xff]), "in, line 1".to_owned()), (Ok(vec![1]), "in, line 4".to_owned())]
        );
        let gap = found(b"00000000: 0a0b\n00000010: ff\n");
        assert_eq!(gap[0].0, Err(InputError::Offset { expected: 2, found: 16 }));
    }
}
