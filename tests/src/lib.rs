//! What the tests of the whole share: where things are, and a demo unit in a process of its own.

pub mod browser;
pub mod oracle;
pub mod terminal;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Root of the workspace.
#[must_use]
pub fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    root.canonicalize().unwrap_or(root)
}

/// The folder of third-party inputs beside the checkout. Without it a test says so and returns.
#[must_use]
pub fn shared() -> Option<PathBuf> {
    let shared = root().join("../shared");
    shared.is_dir().then_some(shared)
}

/// Says that a test did not look, and why; the test then returns.
#[allow(clippy::print_stdout)]
pub fn skipped(why: &str) {
    println!("skipped: {why}");
}

/// The well-formed third-party messages of our standard; none, and it says so, when there is no `../shared`.
///
/// # Panics
/// When the file there is not what it should be.
#[must_use]
pub fn vectors() -> Option<Vec<serde_json::Value>> {
    let Some(shared) = shared() else {
        skipped("no ../shared");
        return None;
    };
    let text = fs::read_to_string(shared.join("vectors/v2x_open.jsonl")).expect("the vectors");
    let all = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    Some(all.filter(|v| v["standard"] == "T/CSAE 53" && v["category"] != "malformed").collect())
}

/// A program of ours, built into the same target folder as this test.
///
/// # Panics
/// When it was not built: `make test` builds the programs first.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let folder = test.parent().and_then(Path::parent).expect("target/PROFILE/deps/TEST");
    let program = folder.join(name);
    assert!(program.exists(), "{} is not built; run `cargo build --workspace --bins` first", program.display());
    program
}

/// Where tests keep their screenshots: `target/screens`.
///
/// # Panics
/// When the folder cannot be made.
#[must_use]
pub fn screens() -> PathBuf {
    let folder = program("rsu").with_file_name("screens");
    fs::create_dir_all(&folder).expect("a writable target folder");
    folder
}

/// A unit in a process of its own, stopped when this value goes.
pub struct Running {
    /// Where its page is, such as `http://127.0.0.1:40123`; that of the first one when it runs several units.
    pub page: String,
    /// The pages of all its units.
    pub pages: Vec<String>,
    child: Child,
}

impl Running {
    /// Starts `program args…` and waits for the line on standard error that tells the page's address.
    ///
    /// # Panics
    /// When the program ends without that line; its last words are in the message.
    #[must_use]
    pub fn start(name: &str, args: &[&str]) -> Self {
        Self::start_units(name, args, 1)
    }

    /// Starts `program args…` and waits for the addresses of so many pages.
    ///
    /// # Panics
    /// When the program ends before; its last words are in the message.
    #[must_use]
    pub fn start_units(name: &str, args: &[&str], units: usize) -> Self {
        let mut child = Command::new(program(name))
            .args(args)
            .current_dir(root())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("our own program starts");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let (mut said, mut pages) = (Vec::new(), Vec::new());
        while pages.len() < units {
            let Some(Ok(line)) = lines.next() else {
                panic!("{name} ended without telling its page; it said {said:#?}")
            };
            if let Some(at) = line.find("http://") {
                pages.push(line[at..].split_whitespace().next().unwrap_or_default().trim_end_matches('/').to_owned());
            }
            said.push(line);
        }
        // Go on reading, so that the program never waits for us.
        std::thread::spawn(move || lines.for_each(drop));
        Self { page: pages[0].clone(), pages, child }
    }

    /// A crossing of the simulator on a free port.
    #[must_use]
    pub fn demo() -> Self {
        Self::start("rsu-sim", &["demo", "--port", "0", "--no-open"])
    }

    /// Kills it as a power cut would.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Reads one JSON document of its API.
    ///
    /// # Panics
    /// When there is no answer, or no JSON.
    #[must_use]
    pub fn get(&self, path: &str) -> serde_json::Value {
        self.get_from(&self.page, path)
    }

    /// Reads one JSON document of the API of one of its units.
    ///
    /// # Panics
    /// When there is no answer, or no JSON.
    #[must_use]
    pub fn get_from(&self, page: &str, path: &str) -> serde_json::Value {
        let mut reply = ureq::get(format!("{page}{path}")).call().expect("the unit answers");
        reply.body_mut().read_json().expect("JSON")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}
