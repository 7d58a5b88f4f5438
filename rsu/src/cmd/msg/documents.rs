//! JSON documents of a file or pipe, one after the other, in bounded memory. A document may stand in a line or go over many;
//! a broken one is told, and the next one is taken.

use std::io;

use super::line::{Line, Lines};
use crate::limits::MESSAGE_DOCUMENT_BYTES;

/// The text of one document, or why there is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Document {
    /// Number of its first line, from 1.
    pub line: u64,
    /// Its text.
    pub text: Result<String, DocumentError>,
}

/// Why text is no document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum DocumentError {
    /// Too long.
    #[error("a document of more than {MESSAGE_DOCUMENT_BYTES} octets")]
    TooLong,
    /// Not UTF-8.
    #[error("no JSON: it is no UTF-8 text")]
    NotText,
}

/// The documents of some lines.
pub(super) struct Documents {
    lines: Lines,
    /// A line that already belongs to the next document.
    held: Option<(u64, Vec<u8>)>,
    /// A document was too long: what follows is the rest of it, up to a bracket at the very left.
    lost: bool,
}

/// How far into brackets and texts some JSON has gone.
#[derive(Default)]
struct Depth {
    brackets: i64,
    in_text: bool,
    escaped: bool,
    anything: bool,
}

impl Depth {
    fn pass(&mut self, octets: &[u8]) {
        for octet in octets {
            self.anything |= !octet.is_ascii_whitespace();
            match (self.in_text, self.escaped, octet) {
                (true, true, _) => self.escaped = false,
                (true, false, b'\\') => self.escaped = true,
                (_, _, b'"') => self.in_text = !self.in_text,
                (false, _, b'{' | b'[') => self.brackets += 1,
                (false, _, b'}' | b']') => self.brackets -= 1,
                _ => {}
            }
        }
        // No JSON text goes over the end of a line.
        self.in_text = false;
        self.escaped = false;
    }

    fn is_whole(&self) -> bool {
        self.anything && self.brackets <= 0
    }
}

impl Documents {
    pub(super) fn of(lines: Lines) -> Documents {
        Documents { lines, held: None, lost: false }
    }

    /// Whether the next document is not wholly there yet.
    pub(super) fn would_wait(&self) -> bool {
        self.held.is_none() && self.lines.would_wait()
    }

    /// The next document.
    pub(super) fn next(&mut self) -> io::Result<Option<Document>> {
        let (mut depth, mut octets, mut begin, mut too_long) = (Depth::default(), Vec::new(), 0, false);
        loop {
            let (number, line) = match self.next_line()? {
                None if !depth.anything && !too_long => return Ok(None),
                None => break,
                Some(next) => next,
            };
            if self.lost && line.as_ref().is_none_or(|line| line.first() != Some(&b'{')) {
                continue;
            }
            self.lost = false;
            // A bracket at the very left begins a document: the one before it was broken off.
            if depth.anything && line.as_ref().is_some_and(|line| line.first() == Some(&b'{')) {
                self.held = line.map(|line| (number, line));
                break;
            }
            let fits = line.filter(|line| octets.len() + line.len() < MESSAGE_DOCUMENT_BYTES);
            let Some(line) = fits else {
                (too_long, self.lost) = (true, true);
                begin = if begin == 0 { number } else { begin };
                octets = Vec::new();
                break;
            };
            depth.pass(&line);
            begin = if begin == 0 && depth.anything { number } else { begin };
            if begin != 0 {
                octets.extend_from_slice(&line);
                octets.push(b'\n');
            }
            if depth.is_whole() {
                break;
            }
        }
        let text = match too_long {
            true => Err(DocumentError::TooLong),
            false => String::from_utf8(octets).map_err(|_| DocumentError::NotText),
        };
        Ok(Some(Document { line: begin, text }))
    }

    /// The next line; no octets when it was too long.
    fn next_line(&mut self) -> io::Result<Option<(u64, Option<Vec<u8>>)>> {
        if let Some((number, line)) = self.held.take() {
            return Ok(Some((number, Some(line))));
        }
        let line = match self.lines.next()? {
            None => return Ok(None),
            Some(Line::TooLong) => None,
            Some(Line::Text(text)) => Some(text.to_vec()),
        };
        Ok(Some((self.lines.number(), line)))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Read};

    use super::*;

    fn documents(input: Vec<u8>) -> Vec<(u64, Result<String, DocumentError>)> {
        let reader: Box<dyn Read + Send> = Box::new(io::Cursor::new(input));
        let mut documents = Documents::of(Lines::new(BufReader::new(reader), MESSAGE_DOCUMENT_BYTES));
        let mut found = Vec::new();
        while let Some(document) = documents.next().unwrap() {
            found.push((document.line, document.text.map(|text| text.trim().to_owned())));
        }
        found
    }

    fn good(line: u64, text: &str) -> (u64, Result<String, DocumentError>) {
        (line, Ok(text.to_owned()))
    }

    #[test]
    fn documents_stand_in_a_line_or_go_over_many() {
        let text = "{\"a\": 1}\n\n{\n  \"b}\": [\n    {}\n  ]\n}\n{\"c\": \"\\\"{\"}";
        let found = documents(text.into());
        let expected =
            [good(1, "{\"a\": 1}"), good(3, "{\n  \"b}\": [\n    {}\n  ]\n}"), good(8, "{\"c\": \"\\\"{\"}")];
        assert_eq!(found, expected);
        assert_eq!(documents(b" \n\n".to_vec()), []);
    }

    #[test]
    fn a_broken_document_does_not_swallow_the_next_one() {
        let found = documents(b"{\"a\": [1, 2\n{\"b\": 1}\nnonsense\n{\"c\": \"open\n{\"d\": 1}\n".to_vec());
        let lines: Vec<u64> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 2, 3, 4, 5]);
        assert_eq!(found[1], good(2, "{\"b\": 1}"));
        assert_eq!(found[4], good(5, "{\"d\": 1}"));
    }

    #[test]
    fn huge_documents_are_refused_without_being_kept() {
        let long = [vec![b'['; MESSAGE_DOCUMENT_BYTES + 10], b"\n{\"a\": 1}\n".to_vec()].concat();
        assert_eq!(documents(long), [(1, Err(DocumentError::TooLong)), good(2, "{\"a\": 1}")]);
        let tall =
            [b"{\n ".to_vec(), b"\"a\": 1,\n ".repeat(MESSAGE_DOCUMENT_BYTES / 8), b"\n{\"b\": 1}".to_vec()].concat();
        let found = documents(tall);
        assert_eq!(
            (found[0].clone(), found.len()),
            ((1, Err(DocumentError::TooLong)), 2),
            "the rest of it is no document"
        );
        assert_eq!(found[1].1, Ok("{\"b\": 1}".to_owned()));
        assert_eq!(documents(vec![b'{', 0xff, b'}']), [(1, Err(DocumentError::NotText))]);
    }
}
