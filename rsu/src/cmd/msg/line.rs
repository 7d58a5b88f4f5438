//! Lines of any length in bounded memory, with their numbers.

use std::io::{self, BufRead, BufReader, Read};

/// Lines of a file or pipe.
pub(super) struct Lines {
    reader: BufReader<Box<dyn Read + Send>>,
    number: u64,
    most: usize,
    text: Vec<u8>,
}

/// One line, without its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// Its octets.
    Text(&'a [u8]),
    /// It has more than the limit; none of it was kept.
    TooLong,
}

impl Lines {
    /// Lines of at most `most` octets.
    pub(super) fn new(reader: BufReader<Box<dyn Read + Send>>, most: usize) -> Lines {
        Lines { reader, number: 0, most, text: Vec::new() }
    }

    /// Number of the last line, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Whether the next line is not wholly there yet, so that whoever waits for the last answer should have it first.
    pub(super) fn would_wait(&self) -> bool {
        !self.reader.buffer().contains(&b'\n')
    }

    /// The next line.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.text.clear();
        let limit = self.most as u64 + 1;
        let read = (&mut self.reader).take(limit).read_until(b'\n', &mut self.text)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        if self.text.last() == Some(&b'\n') {
            self.text.pop();
        } else if read as u64 == limit {
            self.reader.skip_until(b'\n')?;
            self.text = Vec::new();
            return Ok(Some(Line::TooLong));
        }
        Ok(Some(Line::Text(&self.text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &'static [u8], most: usize) -> Vec<(u64, Option<String>)> {
        let reader: Box<dyn Read + Send> = Box::new(input);
        let mut lines = Lines::new(BufReader::with_capacity(4, reader), most);
        let mut found = Vec::new();
        loop {
            let text = match lines.next().unwrap() {
                None => return found,
                Some(Line::Text(text)) => Some(String::from_utf8_lossy(text).into_owned()),
                Some(Line::TooLong) => None,
            };
            found.push((lines.number(), text));
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_left_out_and_the_next_one_is_whole() {
        let found = lines(b"abcd\nabcde\nab\n\nlast", 4);
        let expected = [Some("abcd"), None, Some("ab"), Some(""), Some("last")];
        let expected: Vec<(u64, Option<String>)> = (1..).zip(expected.map(|t| t.map(str::to_owned))).collect();
        assert_eq!(found, expected);
        assert_eq!(lines(b"", 4), []);
    }
}
