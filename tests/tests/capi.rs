//! The C library, as a C program and a Python program see it.

use std::path::PathBuf;
use std::process::{Command, Output};

use tests::{program, root, skipped};

/// The library, which `cargo test` builds with the other examples.
fn library(ending: &str) -> PathBuf {
    let file = program("rsu").with_file_name("examples").join(format!("libv2x_msgs.{ending}"));
    assert!(file.exists(), "{} is not built; run `cargo build --workspace --examples` first", file.display());
    file
}

fn is_there(tool: &str) -> bool {
    Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success())
}

fn must_go_well(output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stdout));
}

/// Compiles the program against `library` and gives its path.
fn compiled(folder: &tempfile::TempDir, library: &PathBuf) -> PathBuf {
    let program = folder.path().join("check");
    let mut cc = Command::new("cc");
    cc.args(["-std=c99", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Werror", "-o"]).arg(&program);
    cc.arg(root().join("tests/capi/check.c")).arg("-I").arg(root().join("v2x-msgs/include")).arg(library);
    must_go_well(&cc.args(["-lpthread", "-ldl", "-lm"]).output().expect("cc runs"));
    program
}

#[test]
fn a_c_program_decodes_and_encodes_from_four_threads() {
    if !is_there("cc") {
        return skipped("no cc");
    }
    let folder = tempfile::tempdir().expect("a folder");
    for ending in ["a", "so"] {
        must_go_well(&Command::new(compiled(&folder, &library(ending))).output().expect("it runs"));
    }
}

#[test]
fn a_python_program_needs_no_package() {
    if !is_there("python3") {
        return skipped("no python3");
    }
    let run = |digits: &str| {
        let script = root().join("examples/ctypes/decode.py");
        Command::new("python3").arg(script).arg(digits).env("V2X_MSGS", library("so")).output().expect("python3 runs")
    };
    let good = run("44d8815db93d34cfe14a9dcec2a2b5f664914e80a0");
    must_go_well(&good);
    let message: serde_json::Value = serde_json::from_slice(&good.stdout).expect("JSON");
    assert_eq!(message["ref_pos"]["lat_deg"], -54.625_722_9);
    assert_eq!(String::from_utf8_lossy(&good.stderr).trim(), "the same bytes");
    let bad = run("44d8815d");
    assert_eq!(bad.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&bad.stderr).contains("error: truncated"), "{bad:?}");
}
