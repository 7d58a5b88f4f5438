//! Where messages come from: digits given as an argument, or a file or standard input with hexadecimal digits, one message
//! a line, or with one message in raw octets. Lines are taken as they come, so that a pipe is answered at once.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use anyhow::Context;
use v2x_msgs::hex::{self, HexError};

use crate::limits::MESSAGE_FILE_BYTES;

/// An opened input, with the name it has in errors.
pub(super) struct Source {
    name: String,
    reader: Box<dyn BufRead>,
}

impl Source {
    /// A file, or standard input for `-`.
    pub(super) fn of(file: &Path) -> anyhow::Result<Source> {
        if file.as_os_str() == "-" {
            return Ok(Source { name: "standard input".to_owned(), reader: Box::new(BufReader::new(io::stdin())) });
        }
        let name = file.display().to_string();
        let opened = File::open(file).with_context(|| format!("cannot open {name}"))?;
        Ok(Source { name, reader: Box::new(BufReader::new(opened)) })
    }

    /// All of it as text.
    pub(super) fn text(mut self) -> anyhow::Result<String> {
        let octets = whole(&mut self.reader, &self.name)?;
        String::from_utf8(octets).map_err(|_| anyhow::anyhow!("{} is no text", self.name))
    }
}

fn whole(reader: &mut dyn BufRead, name: &str) -> anyhow::Result<Vec<u8>> {
    let mut octets = Vec::new();
    reader.take(MESSAGE_FILE_BYTES + 1).read_to_end(&mut octets).with_context(|| format!("cannot read {name}"))?;
    if octets.len() as u64 > MESSAGE_FILE_BYTES {
        anyhow::bail!("{name} has more than {MESSAGE_FILE_BYTES} octets; give less at once");
    }
    Ok(octets)
}

/// One message, or what should have been one.
pub(super) struct Found {
    /// Its octets.
    pub octets: Result<Vec<u8>, HexError>,
    /// Where it stood, for errors: `heard.hex, line 3`.
    pub place: String,
}

/// The messages of an input, in their order.
pub(super) struct Messages {
    name: String,
    form: Form,
}

enum Form {
    Lines { reader: Box<dyn BufRead>, line: u64 },
    Raw(Option<Vec<u8>>),
}

impl Messages {
    /// Of an argument.
    pub(super) fn of_text(digits: String) -> Messages {
        let one_line = digits.replace(['\n', '\r'], " ");
        let reader = Box::new(BufReader::new(io::Cursor::new(one_line)));
        Messages { name: "--hex".to_owned(), form: Form::Lines { reader, line: 0 } }
    }

    /// Of a file or a pipe. What begins with something else than text is one message in raw octets.
    pub(super) fn of(mut source: Source) -> anyhow::Result<Messages> {
        let start = source.reader.fill_buf().with_context(|| format!("cannot read {}", source.name))?;
        let is_text = start.iter().all(|b| b.is_ascii_graphic() || b.is_ascii_whitespace());
        let form = if is_text {
            Form::Lines { reader: source.reader, line: 0 }
        } else {
            Form::Raw(Some(whole(&mut source.reader, &source.name)?))
        };
        Ok(Messages { name: source.name, form })
    }
}

impl Iterator for Messages {
    type Item = anyhow::Result<Found>;

    fn next(&mut self) -> Option<anyhow::Result<Found>> {
        let (reader, line) = match &mut self.form {
            Form::Raw(octets) => {
                return octets.take().map(|octets| Ok(Found { octets: Ok(octets), place: self.name.clone() }));
            }
            Form::Lines { reader, line } => (reader, line),
        };
        loop {
            let mut text = Vec::new();
            match reader.take(MESSAGE_FILE_BYTES).read_until(b'\n', &mut text) {
                Ok(0) => return None,
                Ok(_) => *line += 1,
                Err(error) => {
                    return Some(Err(anyhow::Error::new(error).context(format!("cannot read {}", self.name))));
                }
            }
            let text = String::from_utf8_lossy(&text);
            let digits = text.trim();
            if digits.is_empty() || digits.starts_with('#') {
                continue;
            }
            let place = if self.name == "--hex" { self.name.clone() } else { format!("{}, line {line}", self.name) };
            return Some(Ok(Found { octets: hex::from_hex(digits), place }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(input: &'static [u8]) -> Vec<(Option<Vec<u8>>, String)> {
        let source = Source { name: "in".to_owned(), reader: Box::new(input) };
        Messages::of(source).unwrap().map(|m| m.unwrap()).map(|m| (m.octets.ok(), m.place)).collect()
    }

    #[test]
    fn lines_are_messages_and_blank_lines_and_remarks_are_not() {
        assert_eq!(
            found(b"# two\n0a0b\n\n  FF \nxy\n"),
            [
                (Some(vec![0x0a, 0x0b]), "in, line 2".to_owned()),
                (Some(vec![0xff]), "in, line 4".to_owned()),
                (None, "in, line 5".to_owned())
            ]
        );
        assert_eq!(found(b""), []);
    }

    #[test]
    fn raw_octets_are_one_message() {
        assert_eq!(found(&[0x44, 0xd8, 0x0a, 0x30]), [(Some(vec![0x44, 0xd8, 0x0a, 0x30]), "in".to_owned())]);
    }
}
