//! Secrets: the configuration holds references, `file:PATH` or `env:NAME`, never the thing itself.

use std::path::Path;

use super::Camera;
use super::layers::read_bounded;

/// Bytes of a secret.
const MAX_BYTES: u64 = 4096;

/// Why a secret is not to be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret `{reference}`: {problem}")]
pub struct SecretError {
    /// The reference, as the configuration has it.
    pub reference: String,
    /// What is wrong and what to do.
    pub problem: String,
}

/// What a reference names: the first line of a file, or an environment variable.
///
/// # Errors
/// It is not there, it is empty, or this is no reference.
pub fn read(reference: &str) -> Result<String, SecretError> {
    let wrong = |problem: String| SecretError { reference: reference.to_owned(), problem };
    let text = if let Some(file) = reference.strip_prefix("file:") {
        let bytes = read_bounded(Path::new(file), MAX_BYTES).map_err(wrong)?;
        String::from_utf8(bytes).map_err(|_| wrong("this file is not text (UTF-8)".into()))?
    } else if let Some(name) = reference.strip_prefix("env:") {
        std::env::var(name).map_err(|_| wrong(format!("set the environment variable {name}")))?
    } else {
        return Err(wrong("expected `file:PATH` or `env:NAME`".into()));
    };
    match text.lines().next().map(str::trim) {
        Some(line) if !line.is_empty() => Ok(line.to_owned()),
        _ => Err(wrong("it is empty; write the secret into its first line".into())),
    }
}

impl Camera {
    /// The address to open: `url`, with the `user:password` of `secret` in it. Never log it.
    ///
    /// # Errors
    /// The secret is not to be had.
    pub fn address(&self) -> Result<String, SecretError> {
        let (Some(reference), Some((scheme, rest))) = (&self.secret, self.url.split_once("://")) else {
            return Ok(self.url.clone());
        };
        let secret = read(reference)?;
        let (user, password) = secret.split_once(':').unwrap_or((&secret, ""));
        Ok(format!("{scheme}://{}:{}@{rest}", percent(user), percent(password)))
    }
}

/// RFC 3986: everything but unreserved characters as `%XX`.
fn percent(text: &str) -> String {
    let byte = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(b).to_string(),
        _ => format!("%{b:02X}"),
    };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_a_camera_comes_from_its_file_and_is_escaped() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("north.secret");
        std::fs::write(&file, "admin:p@ss/1\nnotes\n").expect("written");
        let camera = Camera {
            id: perception::SensorId("north".into()),
            url: "rtsp://10.20.1.11/stream1".into(),
            secret: Some(format!("file:{}", file.display())),
            calibration: None,
            detector: None,
            rate_hz: 10.0,
        };
        assert_eq!(camera.address().as_deref(), Ok("rtsp://admin:p%40ss%2F1@10.20.1.11/stream1"));
        assert_eq!(Camera { secret: None, ..camera.clone() }.address().as_deref(), Ok("rtsp://10.20.1.11/stream1"));
        std::fs::write(&file, "\n").expect("written");
        assert!(camera.address().is_err());
    }

    #[test]
    fn what_is_no_secret_is_told_so() {
        for bad in ["hunter2", "file:", "file:/nowhere", "env:RSU_NO_SUCH_VARIABLE", ""] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
