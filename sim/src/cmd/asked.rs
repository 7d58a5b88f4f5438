//! What somebody asks to run: a scenario of ours, an OpenSCENARIO file, or one with its side file.
//!
//! The side file of `cut-in.xosc` is `cut-in.toml` beside it; it carries units, channel, faults and expectations. Either name
//! runs the two together, in the same way.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use rsu::cmd::{Exit, USAGE};

use super::check::is_openscenario;
use crate::cli::Global;
use crate::recital::{DT_S, Until};
use crate::run::STEP;
use crate::scenario::{Loaded, find};

/// How to run an OpenSCENARIO file.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Story {
    /// OpenSCENARIO: the side file; else FILE.toml beside FILE.xosc
    #[arg(long, value_name = "TOML", conflicts_with = "no_side")]
    pub side: Option<PathBuf>,
    /// OpenSCENARIO: leave FILE.toml beside FILE.xosc alone
    #[arg(long)]
    pub no_side: bool,
    /// OpenSCENARIO without units: step, seconds [default: 0.05]
    #[arg(long, value_name = "S", value_parser = step)]
    pub dt: Option<f64>,
    /// OpenSCENARIO: end after this simulated time, such as 90s or 2h
    #[arg(long = "for", value_name = "TIME", value_parser = super::duration)]
    pub for_: Option<Duration>,
    /// OpenSCENARIO: another value for a parameter
    #[arg(long = "value", value_name = "NAME=VALUE")]
    pub values: Vec<String>,
    /// OpenSCENARIO distribution: only this one of its runs, from 0
    #[arg(long, value_name = "N")]
    pub case: Option<usize>,
}

fn step(text: &str) -> Result<f64, String> {
    let dt: f64 = text.parse().map_err(|_| format!("`{text}` is no number of seconds"))?;
    if (1e-4..=1.0).contains(&dt) { Ok(dt) } else { Err("give a step between 0.0001 and 1 s".into()) }
}

/// What was asked for.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    /// A scenario with units, whether an OpenSCENARIO file takes part or not.
    Units(Box<Loaded>),
    /// An OpenSCENARIO file without units; the side file has expectations only.
    Storyboard {
        /// The file.
        path: PathBuf,
        /// Its side file.
        side: Option<Box<Loaded>>,
    },
}

impl Story {
    /// Finds what is meant by `asked`, and says which side file it takes.
    ///
    /// # Errors
    /// When there is no such file, or the side file is none of this OpenSCENARIO file.
    pub(super) fn find(&self, asked: &str, global: &Global) -> anyhow::Result<Asked> {
        let mut found =
            if is_openscenario(asked) { self.with_side(Path::new(asked), global)? } else { self.ours(asked)? };
        if let Asked::Units(loaded) = &mut found {
            self.change(loaded)?;
        }
        Ok(found)
    }

    fn ours(&self, asked: &str) -> anyhow::Result<Asked> {
        let loaded = Loaded::read(&find::find(asked)?)?;
        let Some(story) = &loaded.scenario.openscenario else {
            let given =
                [(self.side.is_some(), "--side"), (self.dt.is_some(), "--dt"), (!self.values.is_empty(), "--value")];
            return match given.iter().find(|(given, _)| *given) {
                Some((_, option)) => {
                    Err(usage(format!("{option} is for OpenSCENARIO files, and {asked} takes in none")))
                }
                None => Ok(Asked::Units(Box::new(loaded))),
            };
        };
        if self.side.is_some() {
            return Err(usage(format!("{asked} is a side file itself; give --side with an OpenSCENARIO file")));
        }
        let path = loaded.file(story.file.as_ref());
        Ok(together(path, Box::new(loaded)))
    }

    fn with_side(&self, path: &Path, global: &Global) -> anyhow::Result<Asked> {
        let beside = path.with_extension("toml");
        let (side, remedy) = match &self.side {
            Some(given) => (given.clone(), "name a TOML file whose [openscenario] names it"),
            None if self.no_side || !beside.is_file() => {
                return Ok(Asked::Storyboard { path: path.to_owned(), side: None });
            }
            None => (beside, "rename it, name another with --side, or leave it alone with --no-side"),
        };
        let loaded = Loaded::read(&side)
            .with_context(|| format!("{} is not taken as the side file of {}", side.display(), path.display()))?;
        let no_side = |why: String| {
            let what = format!("{} is no side file of {}: {why}", side.display(), path.display());
            anyhow::Error::from(Exit::new(rsu::cmd::FAILED, what).help(remedy))
        };
        let Some(story) = &loaded.scenario.openscenario else {
            return Err(no_side("it has no [openscenario]".to_owned()));
        };
        let named = loaded.file(story.file.as_ref());
        // Both must be there to be one file.
        let one = named.canonicalize().ok().zip(path.canonicalize().ok()).is_some_and(|(a, b)| a == b);
        if !one && path.exists() {
            return Err(no_side(format!("its [openscenario] names {}", story.file.as_ref().display())));
        }
        let words = (loaded.scenario.unit.len(), loaded.scenario.expect.len());
        super::note(global, format_args!("side    {} ({} units, {} expectations)", side.display(), words.0, words.1));
        Ok(together(path.to_owned(), Box::new(loaded)))
    }

    /// Time and values as asked on the command line.
    fn change(&self, loaded: &mut Loaded) -> anyhow::Result<()> {
        if self.dt.is_some_and(|dt| (dt - STEP.as_secs_f64()).abs() > 1e-9) {
            return Err(usage(format!("units run in steps of {} s; leave --dt out", STEP.as_secs_f64())));
        }
        if self.case.is_some() {
            return Err(usage(
                "--case is for parameter distributions, which run without units; vary \
                              `openscenario.values` in a sweep"
                    .to_owned(),
            ));
        }
        if let Some(for_) = self.for_ {
            loaded.set_for_s(for_.as_secs_f64());
        }
        for (name, value) in self.given()? {
            if let Some(story) = &mut loaded.scenario.openscenario {
                story.values.insert(name, toml::Value::String(value));
            }
        }
        Ok(())
    }

    /// Values for parameters of the file.
    pub(super) fn given(&self) -> anyhow::Result<BTreeMap<String, String>> {
        self.values.iter().map(|text| pair(text)).collect()
    }

    /// Step of an OpenSCENARIO file without units, seconds.
    pub(super) fn dt_s(&self) -> f64 {
        self.dt.unwrap_or(DT_S)
    }

    /// When an OpenSCENARIO file without units ends at the latest.
    pub(super) fn until(&self, side: Option<&Loaded>) -> Until {
        match (self.for_, side) {
            (Some(for_), _) => Until::Asked(for_.as_secs_f64()),
            (None, Some(side)) => Until::Asked(*side.scenario.for_s.as_ref()),
            (None, None) => Until::AtMost(crate::openscenario::limits::LONGEST_S),
        }
    }

    /// The command that runs `asked` again with this seed.
    pub(super) fn repeat(&self, asked: &str, seed: u64, case: Option<usize>) -> String {
        let mut command = format!("rsu-sim run {} --seed {seed}", quoted(asked));
        if let Some(side) = &self.side {
            command += &format!(" --side {}", quoted(&side.to_string_lossy()));
        }
        if self.no_side {
            command += " --no-side";
        }
        if let Some(dt) = self.dt {
            command += &format!(" --dt {dt}");
        }
        if let Some(for_) = self.for_ {
            command += &format!(" --for {}s", for_.as_secs_f64());
        }
        for value in &self.values {
            command += &format!(" --value {}", quoted(value));
        }
        if let Some(case) = case {
            command += &format!(" --case {case}");
        }
        command
    }
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-=:,+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

fn together(path: PathBuf, side: Box<Loaded>) -> Asked {
    if side.scenario.unit.is_empty() { Asked::Storyboard { path, side: Some(side) } } else { Asked::Units(side) }
}

fn usage(what: String) -> anyhow::Error {
    Exit::new(USAGE, what).into()
}

fn pair(text: &str) -> anyhow::Result<(String, String)> {
    let Some((name, value)) = text.split_once('=') else {
        return Err(Exit::new(USAGE, format!("`{text}` is no value")).help("write --value NAME=VALUE").into());
    };
    Ok((name.trim_start_matches('$').into(), value.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_repeats_a_run_says_all_that_was_asked() {
        let story = Story {
            side: Some("my side.toml".into()),
            dt: Some(0.01),
            for_: Some(Duration::from_millis(1500)),
            values: vec!["Gap=0.6".into()],
            ..Story::default()
        };
        assert_eq!(
            story.repeat("a/b.xosc", 4, Some(2)),
            "rsu-sim run a/b.xosc --seed 4 --side 'my side.toml' --dt 0.01 --for 1.5s --value Gap=0.6 --case 2"
        );
        assert_eq!(quoted("it's"), "'it'\\''s'");
    }
}
