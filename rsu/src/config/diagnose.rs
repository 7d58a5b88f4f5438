//! What is wrong, where, and what to do about it: a [`Complaint`], drawn as the Rust compiler draws its own.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use serde::Serialize;

use super::tree::{Place, Source};

/// How bad it is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The configuration is refused.
    Error,
    /// It works, but probably not as meant.
    Warning,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Complaint {
    /// How bad it is.
    pub severity: Severity,
    /// `area::word`, stable for ever.
    pub code: &'static str,
    /// What is wrong: lower case, no full stop.
    pub title: String,
    /// File, environment variable or flag, as it was named.
    pub file: String,
    /// Line, from 1; 0 when the complaint is about the whole file.
    pub line: usize,
    /// Column in characters, from 1; 0 as above.
    pub column: usize,
    /// Characters marked.
    pub length: usize,
    /// What to read below the marked characters.
    pub label: String,
    /// What to do.
    pub help: String,
    /// The line, as written.
    pub text: String,
}

impl Complaint {
    /// An error about a whole file.
    #[must_use]
    pub fn error(code: &'static str, title: impl Into<String>, file: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            title: title.into(),
            file: file.into(),
            line: 0,
            column: 0,
            length: 0,
            label: String::new(),
            help: String::new(),
            text: String::new(),
        }
    }

    /// An error at a place of one of the sources.
    #[must_use]
    pub fn at(code: &'static str, title: impl Into<String>, sources: &[Source], place: Place) -> Self {
        let Some(source) = sources.get(place.source) else { return Self::error(code, title, "") };
        Self::error(code, title, &source.name).mark(&source.text, place.start, place.end)
    }

    /// Marks the bytes `start..end` of the file's `text`; of more than one line, the first.
    #[must_use]
    pub fn mark(mut self, text: &str, start: usize, end: usize) -> Self {
        let start = floor(text, start);
        let first = text[..start].rfind('\n').map_or(0, |i| i + 1);
        let last = text[start..].find('\n').map_or(text.len(), |i| start + i);
        let line = text[first..last].trim_end_matches('\r');
        let end = floor(text, end.clamp(start, first + line.len().max(start - first)));
        self.line = text[..first].matches('\n').count() + 1;
        self.column = text[first..start].chars().count() + 1;
        self.length = text[start..end].chars().count().max(1);
        self.text = line.to_owned();
        self
    }

    /// Makes it a warning.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// Says what to read below the marked characters.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Puts stars over the marked characters: a secret is not repeated.
    #[must_use]
    pub fn masked(mut self) -> Self {
        let star = |(n, c): (usize, char)| {
            let marked = n + 1 >= self.column && n + 1 < self.column + self.length;
            if marked && c != '"' { '*' } else { c }
        };
        self.text = self.text.chars().enumerate().map(star).collect();
        self
    }

    /// Draws it, with colours (a terminal that has none gets them stripped by the printer).
    #[must_use]
    pub fn render(&self) -> String {
        self.draw(&Renderer::styled())
    }

    /// Draws it without colours.
    #[must_use]
    pub fn plain(&self) -> String {
        self.draw(&Renderer::plain())
    }

    fn draw(&self, renderer: &Renderer) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(&self.title).id(self.code);
        let group = if self.line == 0 {
            title.element(Origin::path(&self.file))
        } else {
            let byte = |column: usize| self.text.char_indices().nth(column).map_or(self.text.len(), |(i, _)| i);
            let (start, end) = (byte(self.column - 1), byte(self.column - 1 + self.length));
            let mut annotation = AnnotationKind::Primary.span(start..end);
            if !self.label.is_empty() {
                annotation = annotation.label(&self.label);
            }
            title.element(
                Snippet::source(&self.text).line_start(self.line).path(&self.file).fold(false).annotation(annotation),
            )
        };
        let mut report = vec![group];
        if !self.help.is_empty() {
            report.push(annotate_snippets::Group::with_title(Level::HELP.secondary_title(&self.help)));
        }
        renderer.clone().decor_style(DecorStyle::Ascii).render(&report)
    }
}

fn floor(text: &str, mut byte: usize) -> usize {
    byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}

/// The word of `known` that `word` was probably meant to be.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let score = |known: &str| {
        if known.strip_prefix(&word).is_some_and(|rest| rest.starts_with('_')) {
            return 0; // only the unit is missing: `rate` for `rate_hz`
        }
        distance(&word, known)
    };
    let (best, score) = known.into_iter().map(|k| (k, score(k))).min_by_key(|(_, score)| *score)?;
    (score <= (best.chars().count().max(word.chars().count()) / 3).max(1)).then_some(best)
}

/// Edits from one word to another: insert, delete, replace, swap two neighbours (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(64).collect(), b.chars().take(64).collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_names_line_column_and_length_in_characters() {
        let text = "[site]\nname = \"人民路\" # ü\nid = 3\n";
        let start = text.find("\"人").expect("there");
        let c = Complaint::error("config::type", "t", "rsu.toml").mark(text, start, start + "\"人民路\"".len());
        assert_eq!((c.line, c.column, c.length), (2, 8, 5));
    }

    #[test]
    fn a_mark_beyond_the_end_stays_inside() {
        for (start, end) in [(0, 99), (99, 100), (5, 2), (6, 6)] {
            let c = Complaint::error("config::type", "t", "f").mark("a = 1\r\n", start, end);
            assert!(c.line >= 1 && c.column >= 1 && c.length >= 1, "{c:?}");
            assert!(!c.help("h").render().is_empty());
        }
    }

    #[test]
    fn a_word_finds_its_likely_meaning() {
        let keys = ["id", "url", "calibration", "detector", "rate_hz"];
        assert_eq!(nearest("rate", keys), Some("rate_hz"));
        assert_eq!(nearest("calibartion", keys), Some("calibration"));
        assert_eq!(nearest("URL", keys), Some("url"));
        assert_eq!(nearest("frobnicate", keys), None);
    }
}
