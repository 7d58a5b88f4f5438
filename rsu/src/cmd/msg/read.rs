//! What `decode` and `size` have in common: the arguments that say where messages come from, and going through them.

use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use v2x_msgs::Profile;
use v2x_msgs::wire_json::{FRAME, WireType};

use super::captured::{Place, unframed};
use super::input::{Messages, Source};
use super::profile::{Choice, Read};
use crate::cli::Global;
use crate::cmd::{self, Exit};

/// Where messages come from, and of which message set they are.
#[derive(Debug, clap::Args)]
pub(super) struct From {
    /// Message set and edition, or `auto` [default: csae53-2020; in a capture what its network carries]
    #[arg(long, value_name = "PROFILE")]
    profile: Option<Choice>,
    /// The bytes are of this type of the standard, not whole messages
    #[arg(long = "type", value_name = "NAME")]
    type_name: Option<String>,
    /// The digits are frames around messages: WSMP, DSMP, immediate forward, IEEE 1609.2, vendor headers
    #[arg(long)]
    framed: bool,
    /// The message, in hexadecimal digits
    #[arg(long, value_name = "DIGITS", conflicts_with = "file")]
    hex: Option<String>,
    /// File with messages, `-` for standard input
    #[arg(value_name = "FILE", required_unless_present = "hex")]
    file: Option<PathBuf>,
}

/// One message on its way to the output.
pub(super) struct Message<'a> {
    pub octets: &'a [u8],
    pub read: Read,
    /// Of which type the octets are; a whole message when none was named.
    pub of: Type,
    /// Where in a capture or frame it was.
    pub place: Option<Place>,
}

/// Of which type octets are.
#[derive(Copy, Clone)]
pub(super) struct Type {
    pub wire: WireType,
    /// Whether it is a whole message.
    pub whole: bool,
}

impl Type {
    pub(super) fn of(name: Option<&str>, profile: Profile) -> anyhow::Result<Type> {
        let whole = name.is_none_or(|name| name == FRAME);
        let name = name.unwrap_or(FRAME);
        match WireType::named(name, profile) {
            Some(wire) => Ok(Type { wire, whole }),
            None => bail!("{profile} has no type `{name}`{}", alike(name, profile)),
        }
    }
}

/// Names that begin like one that does not exist.
fn alike(name: &str, profile: Profile) -> String {
    let begin: String = name.chars().take(4).flat_map(char::to_lowercase).collect();
    let close: Vec<&str> = WireType::names(profile).filter(|n| n.to_lowercase().starts_with(&begin)).take(8).collect();
    if close.is_empty() { String::new() } else { format!("; there is {}", close.join(", ")) }
}

impl From {
    fn messages(&self) -> anyhow::Result<Messages> {
        match (&self.hex, &self.file) {
            (Some(digits), _) => Ok(Messages::of_text(digits.clone())),
            (None, Some(file)) => Messages::of(Source::of(file)?),
            (None, None) => bail!("neither --hex nor a file"),
        }
    }

    /// Calls `show` with each message and prints what it makes of it. A message that is refused is told on stderr, and the
    /// next one is taken.
    pub(super) fn each(
        &self,
        global: &Global,
        show: impl Fn(&Message<'_>) -> anyhow::Result<String>,
    ) -> anyhow::Result<ExitCode> {
        let mut out = Out::open();
        let (mut good, mut refused) = (0_u64, 0_u64);
        let mut messages = self.messages()?;
        let failure = loop {
            if messages.would_wait() {
                out.flush()?;
            }
            let message = match messages.next() {
                None => break None,
                Some(Ok(message)) => message,
                Some(Err(error)) => break Some(error),
            };
            let shown = match message.octets {
                Ok(octets) => self.show(octets, message.captured, &show),
                Err(error) => Err(error.into()),
            };
            match shown {
                Ok(text) => {
                    good += 1;
                    out.line(&text)?;
                }
                Err(error) => {
                    refused += 1;
                    out.flush()?;
                    complain(&error.context(message.place));
                }
            }
        };
        out.flush()?;
        if let Some(captured) = messages.captured() {
            cmd::note(global, format_args!("{}", captured.tally()));
        }
        if let Some(error) = failure {
            complain(&error);
            refused += 1;
        }
        verdict(global, good, refused)
    }

    fn show(
        &self,
        octets: Vec<u8>,
        place: Option<Place>,
        show: impl Fn(&Message<'_>) -> anyhow::Result<String>,
    ) -> anyhow::Result<String> {
        let (octets, place) = match place {
            None if self.framed => {
                let (octets, place) = unframed(&octets)?;
                (octets, Some(place))
            }
            place => (octets, place),
        };
        // Inside a frame nobody has said what it is: only what leaves no doubt is taken.
        let choice = self.profile.or(place.as_ref().map(|_| Choice::Auto));
        let network = place.as_ref().and_then(|place| place.network);
        let read = match (choice, network) {
            (Some(Choice::Auto), Some(_)) if self.profile.is_none() => Choice::of(None, &octets, network)?,
            _ => Choice::of(choice, &octets, network)?,
        };
        let of = Type::of(self.type_name.as_deref(), read.profile)?;
        show(&Message { octets: &octets, read, of, place })
    }
}

/// The exit code, and the counts when something was refused among several.
pub(super) fn verdict(global: &Global, good: u64, refused: u64) -> anyhow::Result<ExitCode> {
    match (good, refused) {
        (0, 0) => Err(Exit::new(cmd::FAILED, "there is no message in the input")
            .help("give hexadecimal digits, one message a line, a packet capture, or one message in raw octets")
            .into()),
        (_, 0) => Ok(ExitCode::SUCCESS),
        _ => {
            if good + refused > 1 {
                cmd::note(global, format_args!("{good} good, {refused} refused"));
            }
            Ok(ExitCode::from(cmd::FAILED))
        }
    }
}

pub(super) fn complain(error: &anyhow::Error) {
    // Nobody reads stderr: nothing to do about it.
    let _ = writeln!(anstream::stderr(), "\x1b[1;31merror\x1b[0m: {error:#}");
}

/// Standard output, written in large pieces, and at once when the input has to be waited for.
pub(super) struct Out(BufWriter<StdoutLock<'static>>);

impl Out {
    pub(super) fn open() -> Out {
        Out(BufWriter::with_capacity(64 << 10, io::stdout().lock()))
    }

    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        self.0.write_all(text.as_bytes())?;
        self.0.write_all(b"\n")
    }

    pub(super) fn octets(&mut self, octets: &[u8]) -> io::Result<()> {
        self.0.write_all(octets)
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
