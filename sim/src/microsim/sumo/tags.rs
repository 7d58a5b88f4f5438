//! One XML tag after the other from a stream: floating car data are too large to be held as a tree.

use std::io::BufRead;

use super::xml::SumoError;

/// Longest tag, bytes.
const TAG_BYTES: usize = 1 << 16;

/// A start tag, or an empty element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tag {
    /// Name.
    pub name: String,
    /// Attributes in their order, entities resolved.
    pub attributes: Vec<(String, String)>,
    /// Line, from 1.
    pub line: u32,
}

impl Tag {
    /// Value of an attribute.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The tags of a stream.
#[derive(Debug)]
pub struct Tags<R> {
    file: String,
    input: R,
    line: u32,
    buffer: Vec<u8>,
}

impl<R: BufRead> Tags<R> {
    /// Reads `input`, called `file` in complaints.
    pub fn new(file: impl Into<String>, input: R) -> Self {
        Self { file: file.into(), input, line: 1, buffer: Vec::new() }
    }

    /// A complaint at this place.
    #[must_use]
    pub fn error(&self, element: &str, problem: impl Into<String>, remedy: impl Into<String>) -> SumoError {
        SumoError {
            file: self.file.clone(),
            line: self.line,
            element: element.into(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }

    /// The next start tag; none at the end.
    ///
    /// # Errors
    /// When the stream is no XML, breaks off, or declares a document type.
    pub fn next_tag(&mut self) -> Result<Option<Tag>, SumoError> {
        loop {
            if !self.take_until(b'<')? {
                return Ok(None);
            }
            if !self.take_until(b'>')? {
                return Err(self.error("file", "it breaks off within a tag", "give the whole file"));
            }
            let line = self.line;
            match self.buffer.first() {
                Some(b'!') if self.buffer.starts_with(b"!--") => {
                    while !self.buffer.ends_with(b"--") {
                        if !self.take_until(b'>')? {
                            return Err(self.error("file", "a comment does not end", "give the whole file"));
                        }
                    }
                }
                Some(b'!') => {
                    return Err(self.error(
                        "file",
                        "it declares a document type",
                        "remove <!DOCTYPE …> and its entities",
                    ));
                }
                Some(b'?' | b'/') => {}
                _ => return self.tag(line).map(Some),
            }
        }
    }

    /// Reads up to `end` into the buffer, without it; `false` at the end of the stream.
    fn take_until(&mut self, end: u8) -> Result<bool, SumoError> {
        self.buffer.clear();
        let keep = end == b'>';
        loop {
            let part = match self.input.fill_buf() {
                Ok(part) => part,
                Err(e) => return Err(self.error("file", e.to_string(), "check the file")),
            };
            if part.is_empty() {
                return Ok(false);
            }
            let at = part.iter().position(|&b| b == end);
            let used = at.unwrap_or(part.len());
            self.line += part[..used].iter().filter(|&&b| b == b'\n').count() as u32;
            if keep {
                self.buffer.extend_from_slice(&part[..used]);
            }
            self.input.consume(used + usize::from(at.is_some()));
            if self.buffer.len() > TAG_BYTES {
                return Err(self.error("file", "a tag of more than 64 KiB", "give floating car data of SUMO"));
            }
            if at.is_some() {
                return Ok(true);
            }
        }
    }

    fn tag(&self, line: u32) -> Result<Tag, SumoError> {
        let text = std::str::from_utf8(&self.buffer)
            .map_err(|_| self.error("file", "it is no UTF-8", "convert it to UTF-8"))?
            .trim_end_matches('/');
        let (name, mut rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let mut attributes = Vec::new();
        while let Some((key, after)) = rest.split_once('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            let value = quote.and_then(|q| after[1..].split_once(q));
            let Some((value, after)) = value else {
                return Err(self.error(
                    name,
                    format!("attribute `{}` has no value in quotes", key.trim()),
                    "write name=\"value\"",
                ));
            };
            attributes.push((key.trim().to_owned(), plain(value)));
            rest = after;
        }
        Ok(Tag { name: name.to_owned(), attributes, line })
    }
}

fn plain(value: &str) -> String {
    if !value.contains('&') {
        return value.to_owned();
    }
    value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_come_with_their_lines_and_comments_do_not() {
        let text = "<?xml version=\"1.0\"?>\n<!-- a > b <c> -->\n<fcd-export a=\"1\">\n <vehicle id='x&amp;y' x=\"1.5\"/>\n</fcd-export>";
        let mut tags = Tags::new("t", text.as_bytes());
        let first = tags.next_tag().unwrap().unwrap();
        assert_eq!((first.name.as_str(), first.line), ("fcd-export", 3));
        let second = tags.next_tag().unwrap().unwrap();
        assert_eq!((second.get("id"), second.get("x"), second.line), (Some("x&y"), Some("1.5"), 4));
        assert_eq!(tags.next_tag().unwrap(), None);
    }

    #[test]
    fn broken_streams_are_refused_with_their_line() {
        for (text, part) in [
            ("<a>\n<b x=1/>", "quotes"),
            ("<a>\n<b x=\"1\"", "breaks off"),
            ("<!DOCTYPE a [<!ENTITY b \"c\">]>", "document type"),
            ("<!-- never", "breaks off"),
        ] {
            let mut tags = Tags::new("t", text.as_bytes());
            let error = loop {
                match tags.next_tag() {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("{text} was accepted"),
                    Err(e) => break e,
                }
            };
            assert!(error.problem.contains(part), "{error}");
        }
        let long = format!("<a {}", "x".repeat(TAG_BYTES * 2));
        assert!(Tags::new("t", long.as_bytes()).next_tag().is_err());
    }
}
