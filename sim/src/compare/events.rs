//! What happened in two runs, line by line.

use serde::Serialize;

use super::{LISTED, fields};

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// Seconds after the start.
    pub t_s: f64,
    /// Kind, element and detail.
    pub what: [String; 3],
}

/// What happened in one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Events(Vec<Line>);

/// Two lists compared.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct News {
    /// In both.
    pub both: usize,
    /// In both, but at another time: what, before and after, seconds. The first ones.
    pub moved: Vec<(String, f64, f64)>,
    /// Only in the first run, the first ones.
    pub only_before: Vec<Line>,
    /// Only in the second, the first ones.
    pub only_after: Vec<Line>,
    /// Differences in all.
    pub total: usize,
}

impl News {
    /// The same happened at the same times.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.total == 0
    }
}

impl Events {
    /// The lines of a CSV file.
    ///
    /// # Errors
    /// In words with its line, when it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut events = Vec::new();
        for (number, line) in text.lines().enumerate().skip(1).filter(|(_, line)| !line.is_empty()) {
            let cells = fields(line);
            let [t, kind, element, detail] = cells.as_slice() else {
                return Err(format!("has no four fields in line {}", number + 1));
            };
            let t_s = t.parse().map_err(|_| format!("has no time in line {}", number + 1))?;
            // Every program has words of its own for why a condition became true.
            let detail = if kind == "condition" { String::new() } else { detail.clone() };
            events.push(Line { t_s, what: [kind.clone(), element.clone(), detail] });
        }
        Ok(Self(events))
    }

    /// Compares two lists; times may differ by `allowed_s`. The first of a kind is held against the first of that kind.
    #[must_use]
    pub fn compare(&self, after: &Self, allowed_s: f64) -> News {
        let mut news = News::default();
        let mut taken = vec![false; after.0.len()];
        let mut by_what: std::collections::BTreeMap<&[String; 3], std::collections::VecDeque<usize>> =
            Default::default();
        for (i, line) in after.0.iter().enumerate() {
            by_what.entry(&line.what).or_default().push_back(i);
        }
        for line in &self.0 {
            let Some(i) = by_what.get_mut(&line.what).and_then(std::collections::VecDeque::pop_front) else {
                news.total += 1;
                keep(&mut news.only_before, line.clone());
                continue;
            };
            taken[i] = true;
            news.both += 1;
            let t_s = after.0[i].t_s;
            if (t_s - line.t_s).abs() > allowed_s + 1e-9 {
                news.total += 1;
                keep(&mut news.moved, (line.what.join(" ").trim_end().to_owned(), line.t_s, t_s));
            }
        }
        for (line, _) in after.0.iter().zip(taken).filter(|(_, taken)| !taken) {
            news.total += 1;
            keep(&mut news.only_after, line.clone());
        }
        news
    }
}

fn keep<T>(list: &mut Vec<T>, item: T) {
    if list.len() < LISTED {
        list.push(item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_that_moved_came_or_went_are_told() {
        let head = "t,kind,element,detail\n";
        let [why, because] =
            ["2 > 1, edge: none", "2 > 1"].map(|w| Events::parse(&format!("{head}1,condition,c,\"{w}\"\n")).unwrap());
        assert!(why.compare(&because, 0.0).is_same(), "the words of a condition are free");
        let a = format!("{head}1.000,state,cut,start\n2.000,state,cut,start\n3.000,collision,a|b,begin\n");
        let b = format!("{head}1.000,state,cut,start\n2.100,state,cut,start\n5.000,state,brake,start\n");
        let (a, b) = (Events::parse(&a).unwrap(), Events::parse(&b).unwrap());
        assert!(a.compare(&a, 0.0).is_same());
        let news = a.compare(&b, 0.05);
        assert_eq!(news.moved, [("state cut start".to_owned(), 2.0, 2.1)]);
        assert_eq!((news.both, news.total), (2, 3));
        assert_eq!((news.only_before[0].t_s, news.only_after[0].t_s), (3.0, 5.0));
        assert_eq!(a.compare(&b, 0.2).total, 2);
        assert!(Events::parse("t,kind,element,detail\n1,2\n").unwrap_err().contains("line 2"));
    }
}
