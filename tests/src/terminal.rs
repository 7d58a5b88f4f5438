//! Our own program with something on its standard input.

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::thread;

use crate::program;

/// Runs `rsu msg …` with something on its standard input.
///
/// # Panics
/// When it cannot be run.
#[must_use]
pub fn rsu_msg(args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(program("rsu"))
        .arg("msg")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("our own program starts");
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.to_vec();
    // A program that has seen enough closes its input: no fault of ours.
    let writer = thread::spawn(move || stdin.write_all(&input).unwrap_or_default());
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("the writer ends");
    output
}

/// What a program printed.
///
/// # Panics
/// When it is not UTF-8.
#[must_use]
pub fn text(octets: &[u8]) -> &str {
    std::str::from_utf8(octets).expect("UTF-8")
}
